package dev.broadsheet.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.host.SharedBacking.Kind;
import dev.broadsheet.core.host.SharedBacking.Protection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SharedBackingTest {
  private static final long USER = 0x7f0000000L;

  private final HostMemory host = new HostMemory(4L << 18);
  private final List<String> told = new ArrayList<>();

  private SharedBacking mapping(Kind kind, long lead, long pages) {
    SharedBacking mapping = new SharedBacking(host, kind, USER + lead, pages);
    mapping.listen(
        new HostListener() {
          @Override
          public void invalidateStart(long start, long end) {
            told.add("start %x-%x".formatted(start - USER, end - USER));
          }

          @Override
          public void invalidateEnd(long start, long end) {
            told.add("end %x-%x".formatted(start - USER, end - USER));
          }
        });
    return mapping;
  }

  @Test
  void smallPage_readFirst_isTheZeroPageUntilItIsWritten() {
    SharedBacking mapping = mapping(Kind.SMALL, 0, 1024);
    long zero = mapping.get(5, false);
    assertThat(HostPage.isWritable(zero)).isFalse();
    assertThat(HostPage.pfn(mapping.get(6, false))).isEqualTo(HostPage.pfn(zero));
    assertThat(told).isEmpty();
    long written = mapping.get(5, true);
    assertThat(HostPage.isWritable(written)).isTrue();
    assertThat(HostPage.pfn(written)).isNotEqualTo(HostPage.pfn(zero));
    assertThat(told).containsExactly("start 5-6", "end 5-6");
    assertThat(HostPage.isWritable(mapping.get(6, false))).isFalse();
  }

  @Test
  void thp_readFirst_isTheHugeZeroPageAndAWriteSplitsIt() {
    SharedBacking mapping = mapping(Kind.THP, 0, 1024);
    assertThat(HostPage.order(mapping.get(5, false))).isEqualTo(9);
    assertThat(mapping.mappingLevel(5)).isEqualTo(PageLevel.PG_LEVEL_2M);
    assertThat(HostPage.order(mapping.get(7, true))).isZero();
    assertThat(told).containsExactly("start 0-200", "end 0-200", "start 7-8", "end 7-8");
    assertThat(mapping.mappingLevel(5)).isEqualTo(PageLevel.PG_LEVEL_4K);
    assertThat(HostPage.isWritable(mapping.get(5, false))).isFalse();
    assertThat(HostPage.isWritable(mapping.get(7, false))).isTrue();
    long written = mapping.get(0x200, true);
    assertThat(HostPage.order(written)).isEqualTo(9);
    assertThat(HostPage.isWritable(written)).isTrue();
  }

  @Test
  void thp_partDropped_isSplitAndReadsZero() {
    SharedBacking mapping = mapping(Kind.THP, 0, 1024);
    mapping.populate();
    mapping.writeByte(0x10, 3);
    mapping.writeByte(0x11, 4);
    assertThat(mapping.dontNeed(0x11, 0x210)).isZero();
    assertThat(mapping.mappingLevel(0)).isEqualTo(PageLevel.PG_LEVEL_4K);
    assertThat(mapping.readByte(0x10)).isEqualTo(3);
    assertThat(mapping.readByte(0x11)).isZero();
    assertThat(HostPage.isWritable(mapping.get(0x10, false))).isTrue();
    assertThat(HostPage.isWritable(mapping.get(0x11, false))).isFalse();
    assertThat(told)
        .containsExactly(
            "start 11-210",
            "start 0-200",
            "end 0-200",
            "start 200-400",
            "end 200-400",
            "end 11-210");
  }

  @Test
  void hugetlb_isWritableAtOnceAndDropsWholePagesOnly() {
    SharedBacking mapping = mapping(Kind.HUGETLB_2M, 0x100, 0x400);
    assertThat(HostPage.isWritable(mapping.get(0x300, false))).isTrue();
    assertThat(mapping.mappingLevel(0x300)).isEqualTo(PageLevel.PG_LEVEL_2M);
    assertThat(mapping.mappingLevel(0x2ff)).isEqualTo(PageLevel.PG_LEVEL_4K);
    assertThat(mapping.dontNeed(0, 0x200)).isEqualTo(Errno.EINVAL);
    assertThat(mapping.dontNeed(0x100, 0x2ff)).isZero();
    assertThat(told).isEmpty();
    assertThat(mapping.dontNeed(0x100, 0x301)).isZero();
    assertThat(told).containsExactly("start 200-400", "end 200-400");
  }

  @Test
  void gigabytePages_coverAllRegionsOfTheMapping() {
    SharedBacking mapping = mapping(Kind.HUGETLB_1G, 0x3fe00, 0x600);
    long page = mapping.get(0, false);
    assertThat(HostPage.order(page)).isEqualTo(18);
    assertThat(HostPage.pfn(page) & 0x3ffff).isEqualTo(0x3fe00);
    assertThat(mapping.mappingLevel(0)).isEqualTo(PageLevel.PG_LEVEL_1G);
    assertThat(mapping.mappingLevel(0x200)).isEqualTo(PageLevel.PG_LEVEL_4K);
    assertThat(HostPage.pfn(mapping.get(0x400, false)) & 0x3ffff).isEqualTo(0x200);
    mapping.close();
    assertThat(host.allocated()).isZero();
  }

  @Test
  void protection_forbidsAndIsTakenBack() {
    SharedBacking mapping = mapping(Kind.HUGETLB_2M, 0, 0x400);
    mapping.protect(0, 0x200, Protection.READ);
    assertThat(HostPage.isWritable(mapping.get(0, false))).isFalse();
    assertThat(HostPage.errno(mapping.get(0, true))).isEqualTo(Errno.EFAULT);
    mapping.protect(0, 0x200, Protection.NONE);
    assertThat(HostPage.errno(mapping.get(0, false))).isEqualTo(Errno.EFAULT);
    assertThat(HostPage.isError(mapping.get(0x200, true))).isFalse();
    mapping.protect(0, 0x200, Protection.READ_WRITE);
    assertThat(HostPage.isWritable(mapping.get(0, true))).isTrue();
  }

  @Test
  void gigabytePage_ofAShorterMapping_isDroppedWhole() {
    SharedBacking mapping = mapping(Kind.HUGETLB_1G, 0, 0x400);
    mapping.populate();
    assertThat(mapping.mappedEnd()).isEqualTo(0x40000);
    assertThat(mapping.dontNeed(0, 0x400)).isZero();
    assertThat(told).isEmpty();
    assertThat(mapping.dontNeed(0, mapping.mappedEnd())).isZero();
    assertThat(told).containsExactly("start 0-40000", "end 0-40000");
    assertThat(host.allocated()).isZero();
  }

  @Test
  void protection_cannotCutAHugetlbPage() {
    SharedBacking mapping = mapping(Kind.HUGETLB_2M, 0x100, 0x300);
    assertThat(mapping.protect(0, 0x100, Protection.READ)).isEqualTo(Errno.EINVAL);
    assertThat(mapping.protect(0x100, 0x200, Protection.READ)).isEqualTo(Errno.EINVAL);
    assertThat(told).isEmpty();
    assertThat(mapping.protect(0x100, 0x300, Protection.READ)).isZero();
    assertThat(told).containsExactly("start 200-400", "end 200-400");
  }

  @Test
  void adviceAgainstLargePages_holdsForRegionsThatItTouches() {
    SharedBacking mapping = mapping(Kind.THP, 0, 0x600);
    mapping.adviseLarge(0x1ff, 0x201, false);
    assertThat(HostPage.order(mapping.get(5, true))).isZero();
    assertThat(HostPage.order(mapping.get(0x300, true))).isZero();
    assertThat(HostPage.order(mapping.get(0x400, true))).isEqualTo(9);
    mapping.adviseLarge(0, 0x400, true);
    assertThat(mapping.dontNeed(0, 0x400)).isZero();
    assertThat(HostPage.order(mapping.get(5, true))).isEqualTo(9);
    SharedBacking small = mapping(Kind.SMALL, 0, 0x400);
    small.adviseLarge(0x10, 0x400, true);
    assertThat(HostPage.order(small.get(5, true))).isZero();
    assertThat(HostPage.order(small.get(0x205, true))).isEqualTo(9);
  }

  @Test
  void collapse_needsAWrittenPageAndKeepsContent() {
    SharedBacking mapping = mapping(Kind.THP, 0, 0x400);
    assertThat(mapping.collapse(0, 0x200)).isEqualTo(Errno.EINVAL);
    mapping.get(5, false);
    mapping.get(7, true);
    mapping.writeByte(7, 3);
    told.clear();
    assertThat(mapping.collapse(0x1, 0x3ff)).isEqualTo(Errno.EINVAL);
    assertThat(told).isEmpty();
    assertThat(mapping.collapse(0, 0x200)).isZero();
    assertThat(told).containsExactly("start 0-200", "end 0-200");
    assertThat(mapping.mappingLevel(5)).isEqualTo(PageLevel.PG_LEVEL_2M);
    assertThat(HostPage.isWritable(mapping.get(5, false))).isTrue();
    assertThat(mapping.readByte(7)).isEqualTo(3);
    assertThat(mapping(Kind.SMALL, 0, 0x200).collapse(0, 0x200)).isEqualTo(Errno.EINVAL);
    assertThat(mapping(Kind.HUGETLB_2M, 0, 0x200).collapse(0, 0x200)).isEqualTo(Errno.EINVAL);
  }

  @Test
  void lazyFree_tellsOfThePagesAndKeepsThem() {
    SharedBacking mapping = mapping(Kind.THP, 0, 0x200);
    mapping.get(0, true);
    mapping.writeByte(0x10, 3);
    assertThat(mapping.lazyFree(0x10, 0x11)).isZero();
    assertThat(told).containsExactly("start 10-11", "start 0-200", "end 0-200", "end 10-11");
    assertThat(mapping.readByte(0x10)).isEqualTo(3);
    assertThat(HostPage.isWritable(mapping.get(0x10, false))).isTrue();
    assertThat(mapping(Kind.HUGETLB_2M, 0, 0x200).lazyFree(0, 0x200)).isEqualTo(Errno.EINVAL);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void close_givesAllFramesBack(Kind kind) {
    SharedBacking mapping = mapping(kind, 0x180, 0x500);
    mapping.populate();
    mapping.dontNeed(0x90, 0x91);
    mapping.close();
    assertThat(host.allocated()).isZero();
  }
}
