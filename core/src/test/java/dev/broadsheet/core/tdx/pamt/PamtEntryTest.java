package dev.broadsheet.core.tdx.pamt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PamtEntryTest {
  private static final long ENTRY =
      PamtEntry.of(PageType.PT_REG, PamtEntry.MAX_OWNER, PamtEntry.MAX_EPOCH);

  @Test
  void canShare_upToTheMostSharers_andBesideNobodyAlone() {
    assertThat(PamtEntry.canShare(ENTRY)).isTrue();
    assertThat(PamtEntry.canShare(ENTRY + 0x7fe * PamtEntry.ONE_SHARED)).isTrue();
    assertThat(PamtEntry.canShare(ENTRY + 0x7ff * PamtEntry.ONE_SHARED)).isFalse();
    assertThat(PamtEntry.canShare(ENTRY | PamtEntry.EXCLUSIVE)).isFalse();
  }

  @Test
  void fields_whateverTheLockSays_stayWhatTheyAre() {
    long locked = ENTRY + 5 * PamtEntry.ONE_SHARED;
    assertThat(PamtEntry.type(locked)).isEqualTo(PageType.PT_REG.value());
    assertThat(PamtEntry.owner(locked)).isEqualTo(PamtEntry.MAX_OWNER);
    assertThat(PamtEntry.epoch(locked)).isEqualTo(PamtEntry.MAX_EPOCH);
    assertThat(PamtEntry.isFree(locked)).isFalse();
    assertThat(PamtEntry.isFree(ENTRY)).isTrue();
  }
}
