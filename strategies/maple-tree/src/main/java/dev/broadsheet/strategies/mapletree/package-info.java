/**
 * maple-tree: what Linux moves to, attributes as ranges.
 *
 * <p><b>Idea.</b> Every gfn lies in exactly one range, and neighbouring ranges differ: so the range
 * of a gfn says at once what the page is and how large it may be mapped. Nothing is stored about
 * blocks, and lpage_info is not touched.
 *
 * <pre>{@code
 *                      | 0x1ff | 0x5ff |  ...  |            pivots: last gfn of each slot
 * top                  |   o   |   o   |   o   |            16 slots, 256 bytes
 *                          |       |
 *            +-------------+       +----------+
 * leaves   | 0x77 | 0x78 | 0x1ff |       | 0x200 | 0x5ff |
 *          | P    | S    | P     |       | S     | P     |
 * }</pre>
 *
 * <p><b>Conversion.</b> {@code prepare} finds the ends, widens them over equal neighbours, and
 * builds every node that has to be new; {@code store} puts them in place with one store, so a
 * reader sees a whole conversion or nothing of it; what was replaced goes after a grace period.
 *
 * <p><b>Cost.</b> Fault: two walks (attribute, level) of depth nodes, 2 to 4 lines each: depth 1 up
 * to 16 ranges, 2 up to some 200, 4 for a GiB of alternate pages. Conversion of any size: two to
 * four walks and a few nodes of 256 bytes, beside the nodes of ranges that vanish; the number of
 * pages does not matter.
 *
 * <p><b>Bytes per GiB of guest</b> beyond the 256 + 16 of an empty tree: uniform 0, pool 0, one
 * shared page in each 2M 20,480 (20 per range), alternate pages 5,162,496 (19.7 per range).
 *
 * <p><b>Departures.</b> The kernel keeps one tree per guest_memfd, by file offset; here it is one
 * per machine, by gfn, for the machine decides what backs a slot. Sizes are the kernel's, the rules
 * by which nodes are divided and filled are ours: {@code GoldenNodesTest} counts 0 to 6 % more
 * nodes than the kernel's own tree took for the same conversions. The kernel preallocates the worst
 * case and builds while it stores; here exactly what is needed is taken and built in {@code
 * prepare}.
 *
 * <p><b>Source.</b> "guest_memfd: In-place conversion support", Ackerley Tng and Sean
 * Christopherson, RFC v1 October 2025 to v13 September 2026; Linux v6.12, lib/maple_tree.c for the
 * shape of nodes.
 *
 * <p><b>Weak where.</b> The walk grows with what the guest does; below about five pages per range
 * an entry per page is smaller. A fault asks twice, since the SPI has two questions.
 */
@NullMarked
package dev.broadsheet.strategies.mapletree;

import org.jspecify.annotations.NullMarked;
