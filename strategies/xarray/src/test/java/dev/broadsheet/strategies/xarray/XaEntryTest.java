package dev.broadsheet.strategies.xarray;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XaEntryTest {
  @ParameterizedTest
  @CsvSource({"0,8", "8,0", "1,8", "15,8", "0,0", "15,15"})
  void valueOr_ofAValue_isThatValue(int stored, int missing) {
    assertThat(XaEntry.valueOr(XaEntry.value(stored), missing)).isEqualTo(stored);
  }

  @ParameterizedTest
  @CsvSource({"0", "8", "15"})
  void valueOr_ofNothing_isTheOther(int missing) {
    assertThat(XaEntry.valueOr(XaEntry.NULL, missing)).isEqualTo(missing);
  }

  @Test
  void entries_ofEachKind_areToldApart() {
    long node = XaEntry.node(1);
    assertThat(XaEntry.isNode(node)).isTrue();
    assertThat(XaEntry.handle(node)).isEqualTo(1);
    long[] others = {
      XaEntry.NULL,
      XaEntry.ZERO,
      XaEntry.sibling(0),
      XaEntry.sibling(62),
      XaEntry.value(0),
      XaEntry.value(1L << 40)
    };
    for (long entry : others) {
      assertThat(XaEntry.isNode(entry)).as("0x%x", entry).isFalse();
    }
  }
}
