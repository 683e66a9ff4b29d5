package dev.broadsheet.core.vm;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.tdp.MmuPolicy;

/** What the values of a specification mean for the parts: widths, formats, policies. */
final class VmShape {
  private static final int PAGE_SHIFT = 12;

  private VmShape() {}

  static Geometry geometry(VmSpec spec) {
    return new Geometry(
        gfnLimit(spec), PageLevel.of(spec.number("levels")), PageLevel.of(largestLevel(spec)));
  }

  static int largestLevel(VmSpec spec) {
    return spec.is("max-level", "4k") ? 1 : spec.is("max-level", "2m") ? 2 : 3;
  }

  static MmuPolicy policy(VmSpec spec) {
    return new MmuPolicy(
        spec.hasThreads(),
        spec.is("reclaim", "rcu"),
        spec.is("external", "freeze-first"),
        spec.is("invalidation", "union"),
        spec.number("yield-every"),
        spec.is("nx-huge-pages", "on"));
  }

  /**
   * Whether the machine behaves as since 6.13: a present leaf that allows the access ends a fault,
   * and huge pages are put in place of tables when dirty logging ends.
   */
  static boolean isSince613(VmSpec spec) {
    return spec.is("kernel", "6.16") || (spec.is("kernel", "auto") && !spec.is("kind", "swprot"));
  }

  static long gfnLimit(VmSpec spec) {
    if (spec.isTdx()) {
      return sharedGfnBit(spec);
    }
    // What the tables reach, or the host's address width if that is less.
    int reach = spec.is("levels", "5") ? 52 : 48;
    return 1L << (Math.min(reach, spec.number("phys-bits")) - PAGE_SHIFT);
  }

  static long sharedGfnBit(VmSpec spec) {
    return 1L << (spec.is("gpaw", "52") ? 51 - PAGE_SHIFT : 47 - PAGE_SHIFT);
  }

  static SpteLayout layout(VmSpec spec) {
    if (spec.isTdx()) {
      if (spec.is("ad-bits", "off")) {
        throw new IllegalArgumentException(
            "knob ad-bits=off needs kind=plain or kind=swprot: KVM offers TDs only with A/D bits");
      }
      return SpteLayout.EPT_TD;
    }
    boolean npt =
        spec.is("format", "npt") || (spec.is("format", "auto") && spec.is("kind", "swprot"));
    if (spec.is("ad-bits", "on")) {
      return npt ? SpteLayout.NPT : SpteLayout.EPT;
    }
    if (npt) {
      throw new IllegalArgumentException(
          "knob ad-bits=off needs format=ept: nested page tables always have A/D bits");
    }
    if (spec.is("dirty-log", "dirty-bit")) {
      throw new IllegalArgumentException(
          "knob ad-bits=off needs dirty-log=write-protect: hardware that sets no dirty bits logs"
              + " none");
    }
    return SpteLayout.EPT_NO_AD;
  }

  static int initialAttributes(VmSpec spec) {
    if (!spec.hasPrivateMemory()) {
      return PageAttributes.SHARED;
    }
    boolean isPrivate =
        spec.is("attributes", "private") || (spec.is("attributes", "auto") && spec.isTdx());
    return isPrivate ? PageAttributes.PRIVATE : PageAttributes.SHARED;
  }

  static SharedBacking.Kind backingKind(VmSpec spec) {
    return switch (spec.value("shared-backing")) {
      case "4k" -> SharedBacking.Kind.SMALL;
      case "h2m" -> SharedBacking.Kind.HUGETLB_2M;
      case "h1g" -> SharedBacking.Kind.HUGETLB_1G;
      default -> SharedBacking.Kind.THP;
    };
  }

  static int folioOrder(VmSpec spec) {
    return switch (spec.value("folio")) {
      case "4k" -> 0;
      case "1g" -> 18;
      default -> 9;
    };
  }
}
