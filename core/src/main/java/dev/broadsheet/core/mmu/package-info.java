/**
 * KVM's TDP MMU: what it counts and whom it tells. The mechanisms are in the packages below: {@code
 * spte} entries, {@code tdp} tables and zaps, {@code fault} the fault path, {@code sync} locks and
 * invalidation.
 */
@NullMarked
package dev.broadsheet.core.mmu;

import org.jspecify.annotations.NullMarked;
