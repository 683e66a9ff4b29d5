/**
 * memslot-array: page-type arrays in the memslot (option A).
 *
 * <p><b>Idea.</b> A memslot records, per level, what each page of that size is: shared, private or
 * mixed; invalid for a block that the slot's edge cuts. The fault reads the answer for its level.
 *
 * <pre>{@code
 * 1G   [ mixed                                    | private ...     ]  1 element per GiB
 * 2M   [ mixed | private | shared | private | ... | private ...     ]  512
 * 4K   [ psppp.. | pppp.. | ssss.. | pppp..       | pppp..          ]  262,144
 *        split: an element that was pure hands its type to its 512 children, and says mixed
 *        merge: 512 equal children make their parent pure again
 * }</pre>
 *
 * <p><b>Cost.</b> Fault: one load for the attribute, one per level asked. Conversion: one store per
 * 4K page, one per 2M and 1G block covered; at the two edges a split (512 stores per level) or a
 * merge scan (512 loads per level). No allocation, so it cannot run out of memory.
 *
 * <p><b>Bytes per GiB of guest</b>, whatever its state: {@code encoding=enum} 1,050,628 (4 bytes
 * per element, as posted), {@code byte} 262,657, {@code packed} 32,897 (1 bit per 4K page, 2 bits
 * per block).
 *
 * <p><b>Outside memslots.</b> Attributes belong to gfns, arrays to slots. What is converted where
 * no slot is, and what a removed slot leaves behind, is kept as runs labelled {@code outside},
 * which is no part of the design: {@link dev.broadsheet.api.support.SlotTracker} does that for any
 * design whose state hangs on slots.
 *
 * <p><b>Source.</b> Isaku Yamahata, 27 Jun 2022, "[PATCH v7 000/102] KVM TDX basic feature
 * support", option A; split and merge after his tree of the same year ("update lpage_info on
 * changing page_type"). There, a change at 2M or 1G also moved counters of lpage_info, so that the
 * fault path stayed as it was; here the arrays themselves are asked, as the option was put to vote.
 *
 * <p><b>Weak where.</b> Memory grows with the slot, whether anything was ever shared or not; it
 * goes with the slot, so that deleting or moving one has to save its content; a bug class of its
 * own, a level that was not brought up to date with the one below.
 */
@NullMarked
package dev.broadsheet.strategies.memslotarray;

import org.jspecify.annotations.NullMarked;
