package dev.broadsheet.core.memory;

/**
 * Memory held under a label, a group of labels, or in total, in bytes of the modelled kernel.
 *
 * @param label the label or the group's name
 * @param bytes bytes asked for and not given back
 * @param peakBytes the most that {@code bytes} ever was
 * @param roundedBytes what that takes: size classes or whole pages for arrays, whole slabs for
 *     objects. Objects that await their grace period still hold their slabs
 * @param peakRoundedBytes the most that {@code roundedBytes} ever was
 * @param awaitingBytes bytes given back that wait for a grace period; not in {@code bytes}
 * @param live arrays and objects allocated and not given back
 * @param awaiting objects given back that wait for a grace period
 * @param allocations arrays and objects ever allocated
 */
public record Footprint(
    String label,
    long bytes,
    long peakBytes,
    long roundedBytes,
    long peakRoundedBytes,
    long awaitingBytes,
    long live,
    long awaiting,
    long allocations) {}
