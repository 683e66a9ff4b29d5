/**
 * The kernel's xarray, made anew from its facts: when nodes come and go, what they weigh, what a
 * walk reads. Two strategies share it.
 *
 * <pre>{@code
 * head (16 bytes in struct kvm: lock, flags, pointer)
 *   NULL | a value at index 0 | node
 *                                |
 *             shift 12  [0][1] ... [63]        one node: 64 slots, 576 bytes
 *             shift  6      [0] ... [63]
 *             shift  0          [v][v][z] ...   v value, z zero entry (reserved, reads as nothing)
 *
 * several slots as one (multi-index): [v][->0][->0][->0] ...   the first has the value, the others
 *                                                              name the first
 * }</pre>
 *
 * <p><b>Life of nodes.</b> A node is made when the first entry below it is stored or reserved, and
 * goes when its last entry is erased. The tree grows at the top while an index does not fit; it
 * shrinks only towards index 0: when the top holds nothing but its first slot. A single value at
 * index 0 may live in the head; a reserved one may not.
 *
 * <p><b>Where we differ.</b> Linux descends from the head for each page that it reserves and
 * stores. {@link dev.broadsheet.strategies.xarray.XArray} does a whole run of pages in a leaf with
 * one descent, as the kernel's own {@code xas_} cursor could; whoever wants the descents calls it
 * page by page. Marks have their room in a node and are never set. Retry entries are not needed: a
 * reader that stands in a freed node answers what was, which is as good as having come earlier.
 *
 * <p>Sources: Linux v6.12, include/linux/xarray.h and lib/xarray.c: xas_create, xas_expand,
 * xas_shrink, xas_delete_node, xa_store_range, xas_split; described in our words.
 */
@NullMarked
package dev.broadsheet.strategies.xarray;

import org.jspecify.annotations.NullMarked;
