package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.tdx.guest.MapGpa;

/**
 * The guest converts: TDG.VP.VMCALL&lt;MapGPA&gt;, whose pieces user space carries out by changing
 * attributes and then dropping the backing that was given up.
 *
 * <p>Source: QEMU, kvm_convert_memory(); Linux v6.16, arch/x86/coco/tdx/tdx.c: tdx_map_gpa().
 */
final class GuestConversions {
  /** Calls without progress after which Linux gives up. */
  private static final int MOST_CALLS_WITHOUT_PROGRESS = 3;

  private final AttributeCalls attributes;
  private final Discards discards;
  private final long sharedBit;
  private final int interruptEvery;

  GuestConversions(VmParts parts, AttributeCalls attributes, Discards discards) {
    this.attributes = attributes;
    this.discards = discards;
    // In a machine without a shared bit the guest's hypercall names the direction apart.
    this.sharedBit = parts.geometry.gfnLimit() << 12;
    this.interruptEvery = parts.spec.number("interrupt-every");
  }

  /** One call. */
  MapGpaResult mapGpa(Vcpu cpu, long gpa, long bytes, boolean toPrivate) {
    if (gpa < 0 || gpa >= sharedBit) {
      return new MapGpaResult(MapGpa.Status.INVALID_OPERAND.value(), gpa, 0);
    }
    // What waited before the call was taken before it.
    cpu.interruptPending = false;
    long start = toPrivate ? gpa : gpa | sharedBit;
    MapGpa.Answer answer = MapGpa.serve(sharedBit, start, bytes, new UserSpace(cpu, toPrivate));
    return new MapGpaResult(
        answer.status().value(), gpa + (answer.next() - start), (int) answer.chunks());
  }

  /** Calls again from where the host stopped, as long as it says RETRY and gets on. */
  MapGpaResult convert(Vcpu cpu, long gpa, long bytes, boolean toPrivate) {
    long end = gpa + bytes;
    long next = gpa;
    int chunks = 0;
    int stuck = 0;
    while (true) {
      MapGpaResult result = mapGpa(cpu, next, end - next, toPrivate);
      chunks += result.chunks();
      stuck = result.next() == next ? stuck + 1 : 0;
      if (!result.mustRetry() || stuck == MOST_CALLS_WITHOUT_PROGRESS) {
        return new MapGpaResult(result.status(), result.next(), chunks);
      }
      next = result.next();
    }
  }

  /** User space, and the interrupts of one vCPU. */
  private final class UserSpace implements MapGpa.Host {
    private final Vcpu cpu;
    private final boolean toPrivate;

    UserSpace(Vcpu cpu, boolean toPrivate) {
      this.cpu = cpu;
      this.toPrivate = toPrivate;
    }

    @Override
    public MapGpa.Status convert(long start, long bytes) {
      long gpa = start & (sharedBit - 1);
      int wanted = toPrivate ? PageAttributes.PRIVATE : PageAttributes.SHARED;
      int errno = attributes.change(gpa, bytes, wanted, 0).errno();
      if (errno != 0) {
        return errno == Errno.EAGAIN || errno == Errno.ENOMEM
            ? MapGpa.Status.RETRY
            : MapGpa.Status.INVALID_OPERAND;
      }
      discards.other(gpa, bytes, toPrivate);
      return MapGpa.Status.SUCCESS;
    }

    @Override
    public boolean isInterrupted(long chunks) {
      return cpu.interruptPending || (interruptEvery > 0 && chunks >= interruptEvery);
    }
  }
}
