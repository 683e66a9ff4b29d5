package dev.broadsheet.core.memslot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memory.PlainMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemslotsTest {
  private final Memslots slots =
      new Memslots(new Geometry(1L << 40, PageLevel.PG_LEVEL_512G, PageLevel.PG_LEVEL_1G), true);

  private KvmMemslot add(int id, long start, long end, int flags) {
    KvmMemslot slot =
        new KvmMemslot(new PlainMemory(), Memslot.aligned(id, new GfnRange(start, end)), flags);
    slots.insert(slot);
    return slot;
  }

  @ParameterizedTest(name = "slot {0} flags {1} gpa {2} size {3} hva {4}: {5}")
  @CsvSource({
    // id, flags, gpa, size, hva, errno; slot 1 is [0x1000000, 0x2000000), slot 2 above it private
    "3, 0x0, 0x0, 0x1000, 0x0, 0",
    "3, 0x8, 0x0, 0x1000, 0x0, 22",
    "3, 0x5, 0x0, 0x1000, 0x0, 22",
    "3, 0x6, 0x0, 0x1000, 0x0, 22",
    "3, 0x4, 0x0, 0x1000, 0x0, 0",
    "3, 0x0, 0x800, 0x1000, 0x0, 22",
    "3, 0x0, 0x0, 0x1800, 0x0, 22",
    "3, 0x0, 0x0, 0x1000, 0x1, 22",
    "32764, 0x0, 0x0, 0x1000, 0x0, 22",
    "32763, 0x0, 0x0, 0x1000, 0x0, 0",
    "3, 0x0, 0xfffffffffffff000, 0x1000, 0x0, 22",
    "3, 0x0, 0x100000000, 0x80000000000, 0x0, 22",
    "3, 0x0, 0x10000000000000, 0x1000, 0x0, 22",
    "3, 0x0, 0xffffffffff000, 0x1000, 0x0, 0",
    "3, 0x0, 0x0, 0x1001000, 0x0, 17",
    "3, 0x0, 0x1fff000, 0x1000, 0x0, 17",
    "3, 0x0, 0x0, 0x0, 0x0, 22",
    "1, 0x0, 0x1000000, 0x1000000, 0x1000000, 0",
    "1, 0x1, 0x1000000, 0x1000000, 0x1000000, 0",
    "1, 0x2, 0x1000000, 0x1000000, 0x1000000, 22",
    "1, 0x0, 0x1000000, 0x1001000, 0x1000000, 22",
    "1, 0x0, 0x1000000, 0x1000000, 0x2000000, 22",
    "1, 0x0, 0x1800000, 0x1000000, 0x1000000, 17",
    "1, 0x0, 0x800000, 0x1000000, 0x1000000, 0",
    "2, 0x4, 0x2000000, 0x1000000, 0x2000000, 22",
    "2, 0x0, 0x5000000, 0x1000000, 0x2000000, 22",
    "2, 0x0, 0x0, 0x0, 0x0, 0"
  })
  void request_isJudgedAsKvmDoes(
      int id, String flags, String gpa, String size, String hva, int errno) {
    add(1, 0x1000, 0x2000, 0);
    add(2, 0x2000, 0x3000, KvmMemslot.GUEST_MEMFD);
    MemslotChange change =
        slots.plan(MemslotRequest.of(id, Integer.decode(flags), hex(gpa), hex(size), hex(hva)));
    assertThat(change instanceof MemslotChange.Refused refused ? refused.errno() : 0)
        .isEqualTo(errno);
  }

  private static long hex(String text) {
    return Long.parseUnsignedLong(text.substring(2), 16);
  }

  @Test
  void changes_areToldApart() {
    KvmMemslot one = add(1, 0x1000, 0x2000, 0);
    assertThat(slots.plan(MemslotRequest.of(1, 0, 0x1000000, 0x1000000, 0x1000000)))
        .isInstanceOf(MemslotChange.Nothing.class);
    assertThat(slots.plan(MemslotRequest.of(1, 1, 0x1000000, 0x1000000, 0x1000000)))
        .isEqualTo(new MemslotChange.FlagsOnly(one, 1));
    assertThat(slots.plan(MemslotRequest.of(1, 0, 0x1800000, 0x1000000, 0x1000000)))
        .isEqualTo(
            new MemslotChange.Move(one, new Memslot(1, new GfnRange(0x1800, 0x2800), 0x1000), 0));
    assertThat(slots.plan(MemslotRequest.delete(1))).isEqualTo(new MemslotChange.Delete(one));
    assertThat(slots.plan(MemslotRequest.of(2, 0, 0x2000000, 0x1000, 0)))
        .isEqualTo(new MemslotChange.Create(new Memslot(2, new GfnRange(0x2000, 0x2001), 0), 0));
  }

  @Test
  void insert_overlapOrSameNumber_isRefused() {
    add(1, 0x1000, 0x2000, 0);
    assertThatThrownBy(() -> add(2, 0x1fff, 0x3000, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> add(1, 0x3000, 0x4000, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(slots.table().size()).isEqualTo(1);
  }

  @Test
  void randomSlots_areFoundAsALinearSearchFindsThem() {
    Random random = new Random(7);
    List<KvmMemslot> known = new ArrayList<>();
    for (int round = 0; round < 400; round++) {
      long start = random.nextInt(4000);
      long end = start + 1 + random.nextInt(100);
      boolean free = known.stream().allMatch(s -> end <= s.start() || start >= s.end());
      if (free) {
        known.add(add(round, start, end, 0));
      } else if (random.nextInt(3) == 0) {
        slots.remove(known.remove(random.nextInt(known.size())));
      }
      long gfn = random.nextInt(4200);
      assertThat(slots.find(gfn))
          .isSameAs(known.stream().filter(s -> s.range().contains(gfn)).findFirst().orElse(null));
      long behind = known.stream().filter(s -> s.end() <= gfn).count();
      assertThat(slots.table().firstEndingAfter(gfn)).isEqualTo((int) behind);
    }
  }
}
