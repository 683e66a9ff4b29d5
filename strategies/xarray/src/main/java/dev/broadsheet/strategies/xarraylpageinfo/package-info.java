/**
 * xarray-lpage-info: an xarray of what differs from the default, and counters in lpage_info (option
 * D).
 *
 * <p><b>Idea.</b> The attributes of the machine are one sparse array by gfn. When a conversion
 * makes a block mixed, one reason is added to the block's large-page word; when it makes it uniform
 * again, the reason is taken back. The fault path asks lpage_info as before and learns nothing new.
 *
 * <pre>{@code
 * xarray           gfn -> attributes, only where they differ from the default
 *     store=page   one entry per 4K page
 *     store=range  an aligned run of slots is one entry, at the highest level that fits
 *
 * lpage_info       [0][+1][0]...    +1 exactly while the block is mixed; other reasons add up
 * }</pre>
 *
 * <p><b>Cost.</b> Fault: one walk for the attribute; the words of lpage_info are read by the MMU
 * anyway. Conversion: pages reserved and stored ({@code store=range}: a few slots per level);
 * before it, each touched block whose word is not zero is scanned up to its first difference, for a
 * counter does not say whether one of its reasons is ours; after it, the cut blocks at the ends
 * that were mixed. A 1G block whose first page is stored is asked through the words of its 2M
 * blocks, so a scan of it is 512 words and pages and not 262,144 pages; the post says nothing of
 * this, Linux does it. KVM cuts a conversion of 1G into 512 pieces and each asks about the 1G block
 * anew: that is inherent, to the flag as well.
 *
 * <p><b>Bytes per GiB of guest</b> with {@code absent=default}: uniform 0, a 64 MiB pool 150,336 by
 * page and 576 to 1,728 by range, one page in each 2M 332,352, alternate pages 2,396,736. While a
 * conversion of more than 64 blocks runs, one bit per block.
 *
 * <p><b>Source.</b> Xiaoyao Li, 14 Jul 2022, and the answers to it: option D; the counters follow
 * I. Yamahata's remark there. Linux merged a flag instead of counters: see {@link
 * dev.broadsheet.strategies.xarraymixedflag}, which therefore needs no look at the state before.
 *
 * <p><b>Weak where.</b> Dense state of the kind that is stored; entries are never put together
 * again, so a range stored page by page stays pages; a counter has to move exactly once per change,
 * which costs a scan that a flag does not.
 */
@NullMarked
package dev.broadsheet.strategies.xarraylpageinfo;

import org.jspecify.annotations.NullMarked;
