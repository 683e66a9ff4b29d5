/**
 * reference and small-pages-only: the two bounds of every comparison.
 *
 * <p><b>Idea.</b> {@code reference} keeps the sorted runs of equal attributes and nothing else: the
 * simplest structure that answers every question exactly, so its large pages are the most that any
 * strategy can have. {@code small-pages-only} keeps the same truth and never allows a large page:
 * the least.
 *
 * <pre>{@code
 * gfn   0        0x100    0x180                                2^52
 *       |private | shared | private ...                        |
 * runs  [0,P]    [0x100,S] [0x180,P]                 one 8-byte word each
 * }</pre>
 *
 * <p><b>Cost.</b> Fault: binary search, log2(runs) loads for the attribute and again for each level
 * asked. Conversion: a search, two words at most, and all words behind them moved by as many
 * places; one search per block that the range cuts or that was mixed.
 *
 * <p><b>Bytes per GiB of guest.</b> 8 per run, doubled when the array grows, at least 64: uniform
 * 64, pool 64, one shared page in each 2M 8,256 to 16,512, alternate pages 2 to 4 MiB.
 *
 * <p><b>Source.</b> None; a textbook. The bound below stands for a machine that maps 4K only, as
 * TDX in Linux did at first.
 *
 * <p><b>Weak where.</b> Moving words makes scattered conversions of a much divided guest slow; the
 * search grows with the number of runs, so a fault's cost depends on what the guest does.
 */
@NullMarked
package dev.broadsheet.strategies.bounds;

import org.jspecify.annotations.NullMarked;
