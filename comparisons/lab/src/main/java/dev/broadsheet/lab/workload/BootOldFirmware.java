package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** A boot with firmware that has no DMA pool and shares a huge MMIO hole. */
final class BootOldFirmware implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "boot-td-old-firmware",
        "boot-old-firmware",
        "boot with old firmware: no pool, the whole MMIO hole shared",
        "As boot-td-4g up to the kernel, but 5,000 pairs of up to 8 pages, and the MMIO hole shared"
            + " in 2M steps.",
        "edk2 commit c4e76d2fba (18 Dec 2022); Cloud Hypervisor's notes (Jul 2026)",
        "W1, W2, W3, W5, W4.",
        "The hole of 70 TiB that was reported is 36.7 million calls: length=70t. A store that holds"
            + " each page needs 8 bytes or more for each of 18.8 billion pages then; the default is"
            + " what fits a laptop.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(8),
        MmioSweep.length("128g"),
        Parameter.count("pairs", 5000, 0, 10_000_000, "pairs", "Transfers.", "edk2 commit"));
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    MmioSweep.sweep(guest, stage, values.number("length"), Guest.LARGE);
    FirmwareDma dma = new FirmwareDma();
    BootTd.firmware(
        guest, stage, Values.of(dma.parameters()).adopt(values, "ram", "vcpus", "pairs"));
    stage.once(() -> guest.mark("kernel-tdx-init"));
  }
}
