package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.AccessType;

/** W2: the VMM adds the firmware's pages before start. */
final class BuildPages implements Pattern {
  private static final long TOP_GAP = 64L << 20;

  @Override
  public Description description() {
    return Description.of(
        "W2",
        "build-pages",
        "initial pages, always 4K",
        "The VMM adds the firmware image and a few pages near the top of low RAM, 4K by 4K,"
            + " upwards.",
        "cover letter of KVM's huge page series v3 (6 Jan 2026): about 4 MiB, always 4K",
        "I lines; then the firmware fetches its code.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(8),
        Parameter.bytes(
            "bytes", "4m", "16k", "4m", "All memory that is added.", "about 4 MiB were published"),
        Parameter.bytes(
            "top",
            "256k",
            "4k",
            "2m",
            "What of it lies near the top of low RAM; the rest ends at 4 GiB.",
            "chosen: hand-over block, stack and mailbox"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    if (values.number("top") >= values.number("bytes")) {
      throw new IllegalArgumentException(
          "top=%s leaves nothing of bytes=%s for the firmware image; give less."
              .formatted(
                  Parameter.sizeText(values.number("top")),
                  Parameter.sizeText(values.number("bytes"))));
    }
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long image = values.number("bytes") - values.number("top");
    long top = guest.shape().lowEnd() - TOP_GAP;
    add(guest, stage, GuestShape.FOUR_GIB - image, image);
    add(guest, stage, top, values.number("top"));
    stage.range(
        GuestShape.FOUR_GIB - image,
        GuestShape.FOUR_GIB,
        Guest.PAGE,
        gpa -> guest.access(Guest.ACCESS_NANOS, 0, gpa, AccessType.EXECUTE));
  }

  /** Appends the adding of a range, in pieces of 1 MiB. */
  static void add(Guest guest, Stage stage, long gpa, long bytes) {
    long piece = 1L << 20;
    stage.range(
        gpa, gpa + bytes, piece, at -> guest.initial(at, Math.min(piece, gpa + bytes - at)));
  }
}
