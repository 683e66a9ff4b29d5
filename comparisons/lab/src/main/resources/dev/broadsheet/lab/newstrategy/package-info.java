/**
 * template-id: sorted runs.
 *
 * <p><b>Idea.</b> Attributes are sorted runs in one array that grows by doubling; whether a block is
 * mixed stands in lpage_info.
 *
 * <p><b>Cost.</b> Fault: nothing beyond lpage_info for the level, a binary search for the
 * attributes. Conversion: the runs behind it move, then two searches for each block that it
 * touches. Memory: 8 bytes per run, at least 64 bytes.
 *
 * <p><b>Weak where.</b> Many runs: each conversion moves half of them.
 */
package templatepackage;
