package dev.broadsheet.core.tdx.sept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The test vectors of the fact sheet, section 2.3. */
final class SeptEntryTest {
  private static final long HPA = 0x0012_3456_7800_0000L & SeptEntry.HPA;

  @ParameterizedTest
  @CsvSource({
    "FREE, 80E0000000000000, 8000000000000000, 0x0000, false, false",
    "NL_MAPPED, 8000000000000007, 7, 0x8400, true, false",
    "NL_BLOCKED, 8080000000000000, 0, 0x8100, true, false",
    "MAPPED, 80000000000000F7, 80000000000000F7, 0x0400, true, true",
    "BLOCKED, 80800000000000F0, 80000000000000F0, 0x0100, true, true",
    "PENDING, 81000000000000F0, 80000000000000F0, 0x0200, true, true",
    "PENDING_BLOCKED, 81800000000000F0, 80000000000000F0, 0x0300, true, true"
  })
  void entry_ofEachState_hasTheRawAndReportedBits(
      SeptState state, String raw, String rcx, String rdx, boolean named, boolean shown) {
    long entry = SeptEntry.of(state, named ? HPA : 0);
    assertThat(entry).isEqualTo(Long.parseUnsignedLong(raw, 16) | (named ? HPA : 0));
    assertThat(SeptEntry.reported(entry, 0))
        .isEqualTo(Long.parseUnsignedLong(rcx, 16) | (shown ? HPA : 0));
    assertThat(SeptEntry.reportedLevelAndState(entry, 1)).isEqualTo(Long.decode(rdx) + 1);
  }

  @Test
  void pending2m_withAcceptCounter_keepsItsFrame() {
    long entry = SeptEntry.withAcceptCounter(SeptEntry.of(SeptState.PENDING, 1L << 21), 300);
    assertThat(SeptEntry.acceptCounter(entry)).isEqualTo(300);
    assertThat(SeptEntry.hpa(entry, 1)).isEqualTo(1L << 21);
    assertThat(SeptEntry.state(entry)).isEqualTo(SeptState.PENDING);
  }

  @Test
  void state_ofBitsThatAreNoState_throws() {
    assertThatThrownBy(() -> SeptEntry.state(SeptEntry.PS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is in no state");
  }
}
