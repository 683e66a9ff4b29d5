package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.PageTables.HeaderSpace;
import dev.broadsheet.api.PageTables.Tree;
import dev.broadsheet.api.UnmetRequirementException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTablePortTest {
  private static final long GIB = 1L << 30;
  private static final long GFN = GIB >> 12;

  @Test
  void reservedBits_zapFaultAndMmio_surviveInTheEntry() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,shared-backing=h2m")) {
      PageTables tables = vm.pageTables();
      assertThat(tables.reserveBit("SHARED")).isZero();
      assertThat(tables.reserveBit("MIXED")).isEqualTo(1);
      vm.addMemslot(0, GIB, GIB);
      long table = tables.require(Tree.DIRECT, GFN, PageLevel.PG_LEVEL_4K);
      tables.updateBits(table, 3, 0, 0b11);
      vm.setMemoryAttributes(GIB, 0x1000, PageAttributes.PRIVATE, 0);

      vm.access(0, GIB + 0x3000, Access.WRITE, false);
      assertThat(tables.isLeaf(table, 3)).isTrue();
      assertThat(tables.bits(table, 3)).isEqualTo(0b11);

      vm.setMemoryAttributes(GIB + 0x3000, 0x1000, PageAttributes.PRIVATE, 0);
      assertThat(tables.isLeaf(table, 3)).isFalse();
      assertThat(tables.bits(table, 3)).isEqualTo(0b11);
      assertThat(tables.updateBits(table, 3, 0b01, 0)).isEqualTo(0b11);
      assertThat(tables.bits(table, 3)).isEqualTo(0b10);
      assertThat(tables.bits(table, 4)).isZero();

      long far = tables.require(Tree.DIRECT, 4 * GFN, PageLevel.PG_LEVEL_4K);
      tables.updateBits(far, 0, 0, 0b01);
      vm.access(0, 4 * GIB, Access.READ, false);
      vm.access(0, 4 * GIB, Access.READ, false);
      assertThat(tables.bits(far, 0)).as("an MMIO entry keeps the bit").isEqualTo(0b01);
      vm.audit();
    }
  }

  @Test
  void require_overADirectLeaf_zapsItAndPassesBitsOn() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,shared-backing=h1g")) {
      PageTables tables = vm.pageTables();
      tables.reserveBit("SHARED");
      vm.addMemslot(0, GIB, GIB);
      vm.access(0, GIB, Access.WRITE, false);
      long top = tables.find(Tree.DIRECT, GFN, PageLevel.PG_LEVEL_1G);
      tables.updateBits(top, PageLevel.PG_LEVEL_1G.index(GFN), 0, 1);
      List<String> told = new ArrayList<>();
      tables.listen(
          new PageTables.Listener() {
            @Override
            public void linked(Tree tree, long table, long gfn, PageLevel level) {
              told.add("linked " + level.label());
            }

            @Override
            public void split(Tree tree, long table, long gfn, PageLevel level) {
              told.add("split " + level.label());
            }

            @Override
            public void unlinked(Tree tree, long table, long gfn, PageLevel level) {
              told.add("unlinked " + level.label());
            }
          });

      long table = tables.require(Tree.DIRECT, GFN + 600, PageLevel.PG_LEVEL_4K);

      assertThat(tables.isLeaf(table, 5)).isFalse();
      assertThat(tables.bits(table, 5)).isEqualTo(1);
      assertThat(told).containsExactly("linked 2M", "linked 4K");
      vm.audit();
    }
  }

  @Test
  void tryFold_emptyTable_movesItsBitsUp() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot")) {
      PageTables tables = vm.pageTables();
      tables.reserveBit("SHARED");
      long table = tables.require(Tree.DIRECT, GFN, PageLevel.PG_LEVEL_4K);
      for (int i = 0; i < 512; i++) {
        tables.updateBits(table, i, 0, 1);
      }
      tables.pin(table);
      assertThat(tables.tryFold(table)).as("pinned").isFalse();
      tables.unpin(table);

      assertThat(tables.tryFold(table)).isTrue();

      assertThat(tables.find(Tree.DIRECT, GFN, PageLevel.PG_LEVEL_4K)).isZero();
      PageTables.Walk walk = tables.walk(Tree.DIRECT, GFN);
      assertThat(walk.lowest()).isEqualTo(PageLevel.PG_LEVEL_2M);
      assertThat(walk.bits(PageLevel.PG_LEVEL_2M)).isEqualTo(1);
      vm.audit();
    }
  }

  @Test
  void trees_ofATd_areTwoAndDiffer() {
    try (VirtualMachine vm = VmFixture.vm("kind=tdx,host-gib=8")) {
      PageTables tables = vm.pageTables();
      assertThat(tables.hasTwoTrees()).isTrue();
      tables.reserveBit("SHARED");
      int word = tables.reserveHeaderWords("bitmap", 8, HeaderSpace.IDLE);
      long mirror = tables.require(Tree.MIRROR, 7, PageLevel.PG_LEVEL_4K);
      long direct = tables.require(Tree.DIRECT, 7, PageLevel.PG_LEVEL_4K);

      tables.updateBits(mirror, 7, 0, 1);
      tables.setHeaderWord(mirror, word + 7, 42);

      assertThat(tables.bits(direct, 7)).isZero();
      assertThat(tables.headerWord(direct, word + 7)).isZero();
      assertThat(tables.headerWord(mirror, word + 7)).isEqualTo(42);
      assertThat(tables.tryFold(mirror)).as("a linked S-EPT page stays").isFalse();
      vm.audit();
    }
  }

  @Test
  void reserveBit_moreThanAreFree_saysWhatIsTaken() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain")) {
      PageTables tables = vm.pageTables();
      for (int i = 0; i < 5; i++) {
        tables.reserveBit("bit" + i);
      }
      assertThatThrownBy(() -> tables.reserveBit("one-more"))
          .isInstanceOf(UnmetRequirementException.class)
          .hasMessageContaining("one-more")
          .hasMessageContaining("bit4");
      assertThatThrownBy(() -> tables.reserveHeaderWords("big", 9, HeaderSpace.IDLE))
          .isInstanceOf(UnmetRequirementException.class);
      vm.addMemslot(0, GIB, GIB);
      vm.access(0, GIB, Access.READ, false);
      assertThatThrownBy(() -> tables.reserveHeaderWords("late", 1, HeaderSpace.OWN))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
