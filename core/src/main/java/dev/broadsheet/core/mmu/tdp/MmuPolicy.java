package dev.broadsheet.core.mmu.tdp;

/**
 * Choices that the MMU works by; all of them are knobs of the machine.
 *
 * @param threads whether several threads use the MMU
 * @param reclaimByRcu tables that lose their parent are taken down by a worker after a grace
 *     period, instead of at once; never mirror tables of a running TD, see {@link TableRemoval}
 * @param freezeFirst the order of mirror writes, see {@link MirrorSpteWriter}
 * @param invalidationUnion see {@link dev.broadsheet.core.mmu.sync.Invalidation}
 * @param yieldEvery a walk under the lock gives it up after so many leaves; 0: only when somebody
 *     waits
 * @param nxHugePages NX huge pages: no huge page is executable
 */
public record MmuPolicy(
    boolean threads,
    boolean reclaimByRcu,
    boolean freezeFirst,
    boolean invalidationUnion,
    int yieldEvery,
    boolean nxHugePages) {}
