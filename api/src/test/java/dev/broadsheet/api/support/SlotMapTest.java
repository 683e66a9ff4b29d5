package dev.broadsheet.api.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import org.junit.jupiter.api.Test;

class SlotMapTest {
  private final SlotMap<String> map = new SlotMap<>();
  private final Memslot low = Memslot.aligned(1, new GfnRange(10, 20));
  private final Memslot middle = Memslot.aligned(2, new GfnRange(20, 30));
  private final Memslot high = Memslot.aligned(3, new GfnRange(40, 50));

  private void addAll() {
    map.add(high, "high");
    map.add(low, "low");
    map.add(middle, "middle");
  }

  @Test
  void slots_inAnyOrder_standByGfn() {
    assertThat(map.size()).isZero();
    assertThat(map.find(0)).isNull();
    addAll();
    assertThat(map.size()).isEqualTo(3);
    assertThat(map.slot(0)).isEqualTo(low);
    assertThat(map.value(1)).isEqualTo("middle");
    assertThat(map.slot(2)).isEqualTo(high);
  }

  @Test
  void find_edges_belongToTheSlotThatHoldsThem() {
    addAll();
    assertThat(map.find(9)).isNull();
    assertThat(map.find(10)).isEqualTo("low");
    assertThat(map.find(19)).isEqualTo("low");
    assertThat(map.find(20)).isEqualTo("middle");
    assertThat(map.find(29)).isEqualTo("middle");
    assertThat(map.find(30)).isNull();
    assertThat(map.find(49)).isEqualTo("high");
    assertThat(map.find(50)).isNull();
    assertThat(map.slotOf(10)).isEqualTo(low);
    assertThat(map.slotOf(9)).isNull();
    assertThat(map.slotOf(35)).isNull();
    assertThat(map.slotOf(50)).isNull();
  }

  @Test
  void firstEndingAfter_holdsOrFollows() {
    addAll();
    assertThat(map.firstEndingAfter(0)).isZero();
    assertThat(map.firstEndingAfter(19)).isZero();
    assertThat(map.firstEndingAfter(20)).isEqualTo(1);
    assertThat(map.firstEndingAfter(30)).isEqualTo(2);
    assertThat(map.firstEndingAfter(50)).isEqualTo(3);
  }

  @Test
  void add_overlap_isRefusedAndNamesBoth() {
    addAll();
    Memslot over = Memslot.aligned(9, new GfnRange(29, 41));
    assertThatThrownBy(() -> map.add(over, "over"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("memslot 9")
        .hasMessageContaining("memslot 2");
    map.add(Memslot.aligned(9, new GfnRange(30, 40)), "fits");
    assertThat(map.size()).isEqualTo(4);
  }

  @Test
  void find_afterTheSlotOfTheLastLookUpWent_seesWhatIsThereNow() {
    addAll();
    assertThat(map.find(25)).isEqualTo("middle");
    map.remove(middle);
    assertThat(map.find(25)).isNull();
    assertThat(map.find(15)).isEqualTo("low");
    map.remove(low);
    map.add(Memslot.aligned(4, new GfnRange(12, 28)), "other");
    assertThat(map.find(15)).isEqualTo("other");
    assertThat(map.find(25)).isEqualTo("other");
    assertThat(map.find(11)).isNull();
  }

  @Test
  void remove_returnsItsValueAndLeavesTheOthers() {
    addAll();
    assertThat(map.remove(middle)).isEqualTo("middle");
    assertThat(map.find(25)).isNull();
    assertThat(map.find(15)).isEqualTo("low");
    assertThat(map.find(45)).isEqualTo("high");
    assertThatThrownBy(() -> map.remove(middle)).hasMessageContaining("does not exist");
    Memslot far = Memslot.aligned(7, new GfnRange(90, 95));
    assertThatThrownBy(() -> map.remove(far)).hasMessageContaining("does not exist");
  }
}
