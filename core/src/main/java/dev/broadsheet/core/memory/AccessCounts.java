package dev.broadsheet.core.memory;

import java.util.List;
import java.util.SortedMap;

/**
 * Memory references of all operations of a kind, of one group or of all groups together.
 *
 * @param loads loads; a bulk scan counts one per 8 bytes
 * @param stores stores and read-modify-writes; a bulk fill counts one per 8 bytes
 * @param lines distinct 64-byte lines per operation, added up over all operations
 * @param misses for each level of the modelled caches the references that missed it; empty without
 *     a model
 * @param referencesPerOperation loads and stores of one operation
 * @param linesPerOperation distinct lines of one operation
 * @param linesCounted number of operations by the number of lines they touched, exact
 */
public record AccessCounts(
    long loads,
    long stores,
    long lines,
    List<Long> misses,
    Spread referencesPerOperation,
    Spread linesPerOperation,
    SortedMap<Long, Long> linesCounted) {}
