/** KVM's side of TDX: how a TD is built, mapped, unmapped and torn down by SEAMCALLs. */
@NullMarked
package dev.broadsheet.core.vm.tdx;

import org.jspecify.annotations.NullMarked;
