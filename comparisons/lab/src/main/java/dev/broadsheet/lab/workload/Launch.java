package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.TraceSlot;

/** W1: the VMM makes each memslot private before the guest runs. */
final class Launch implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W1",
        "launch",
        "all memory made private at launch",
        "Before the first run the VMM makes each RAM slot private with one call.",
        "QEMU and Cloud Hypervisor do it for every confidential guest",
        "One C line to private per RAM slot, in the name of vCPU 0, then one access per GiB.",
        "Where the VM begins with all pages private the calls change nothing; the fill has a price"
            + " in VMs whose initial attributes are shared.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameter.bytes(
            "ram", "4g", "512m", "4t", "Memory of the guest.", "1 GiB to 4 TiB are common"),
        CommonParameters.vcpus(8),
        Parameter.count(
            "misalign",
            0,
            0,
            511,
            "4K pages",
            "Pages by which base and end of the RAM slots miss the 2M boundary.",
            "slots cut by a VMM's own devices"));
  }

  @Override
  public GuestShape shape(Values values) {
    GuestShape aligned = GuestShape.q35(values.number("ram"), values.count("vcpus"));
    long cut = values.number("misalign") * Guest.PAGE;
    if (cut == 0) {
      return aligned;
    }
    ImmutableList.Builder<TraceSlot> slots = ImmutableList.builder();
    for (TraceSlot slot : aligned.slots()) {
      slots.add(
          slot.isRam()
              ? new TraceSlot(slot.gpa() + cut, slot.bytes() - 2 * cut, true, slot.name())
              : slot);
    }
    return new GuestShape(
        aligned.vcpus(), slots.build(), aligned.lowEnd() - cut, aligned.highEnd() - cut);
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    convertSlots(guest, stage);
    for (TraceSlot slot : guest.shape().slots()) {
      if (slot.isRam()) {
        stage.range(slot.gpa(), slot.end(), Guest.HUGE, gpa -> guest.write(0, gpa));
      }
    }
  }

  /** Appends the calls alone, for presets. */
  static void convertSlots(Guest guest, Stage stage) {
    stage.once(() -> guest.mark("launch"));
    for (TraceSlot slot : guest.shape().slots()) {
      if (slot.isRam()) {
        stage.once(() -> guest.convert(0, slot.gpa(), slot.bytes(), true));
      }
    }
  }
}
