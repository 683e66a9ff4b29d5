/**
 * template-id: sorted runs.
 *
 * <p><b>Idea.</b> Attributes are sorted runs in one array that grows by doubling; a block is mixed
 * if no single run covers it.
 *
 * <p><b>Cost.</b> Fault: a binary search for the attributes, and one for each level asked.
 * Conversion: the runs behind it move, and a search for each block that it touches. Memory: 8 bytes
 * per run, at least 64 bytes.
 *
 * <p><b>Weak where.</b> Many runs: each conversion moves half of them.
 */
package templatepackage;
