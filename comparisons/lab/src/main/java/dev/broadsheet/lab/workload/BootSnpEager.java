package dev.broadsheet.lab.workload;

import static dev.broadsheet.lab.workload.PublishedFigure.Role.INPUT;

import com.google.common.collect.ImmutableList;

/** The boot of a large SNP guest that accepts all its memory at once. */
final class BootSnpEager implements Pattern {
  @Override
  public Description description() {
    return Description.of(
            "boot-snp-eager-128g",
            "boot-snp-eager",
            "boot of an SNP guest of 128 GiB that accepts everything",
            "All RAM is accepted in one sweep of all vCPUs; then lists of page-state changes, the"
                + " bounce pool of 1 GiB and two shared pages for each vCPU.",
            "Ashish Kalra, Feb 2025: 227 s eagerly, 22 s lazily",
            "W1, W5, W6, W9, W11; A stands for PVALIDATE.",
            "SNP checks each page in the RMP; its own costs are not in the events.")
        .calibratedBy(
            new PublishedFigure(
                "boot-time",
                "time of the eager boot",
                "3 min 47 s, so at most 6.1 us per 4K page",
                INPUT,
                "a constant for cost models; times in this trace are nominal"));
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("128g"),
        Parameter.count("vcpus", 16, 1, 64, "vCPUs", "Virtual CPUs, all accept.", "chosen"),
        Parameter.word(
            "level",
            ImmutableList.of("2m", "4k"),
            "Largest accept; 4k gives 33.5 million events.",
            "Linux validates 2M where it can"),
        Parameter.count("batches", 200, 1, 100_000, "lists", "Lists of changes.", "chosen"));
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    Launch.convertSlots(guest, stage);
    Parts.add(
        new AcceptMemory(), values, guest, stage, "mode=eager", "level=" + values.word("level"));
    Parts.add(new BouncePool(), values, guest, stage, "used=10");
    Parts.add(new PerVcpuPages(), values, guest, stage);
    Parts.add(new RequestBatches(), values, guest, stage, "batches=" + values.number("batches"));
  }
}
