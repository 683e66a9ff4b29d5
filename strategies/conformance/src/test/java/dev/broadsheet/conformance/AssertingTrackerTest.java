package dev.broadsheet.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The caller's side of the contract. */
class AssertingTrackerTest {
  private final AssertingTracker tracker =
      new TestMachine(Subject.of(new SampleStrategy(null)), PageAttributes.SHARED).tracker();

  @Test
  void phasesInOrder_pass() {
    Conversion conversion = tracker.prepare(new GfnRange(1, 9), PageAttributes.PRIVATE);
    assertThat(conversion.store(1)).isEqualTo(9);
    conversion.publish();
    assertThat(tracker.attributes(8)).isEqualTo(PageAttributes.PRIVATE);
    tracker.close();
  }

  @Test
  void phasesOutOfOrder_areTheCallersMistake() {
    Conversion conversion = tracker.prepare(new GfnRange(1, 9), PageAttributes.PRIVATE);
    isCallersMistake(conversion::publish);
    isCallersMistake(() -> conversion.store(2));
    isCallersMistake(() -> tracker.prepare(new GfnRange(1, 9), 0));
    isCallersMistake(tracker::close);
    conversion.store(1);
    isCallersMistake(conversion::cancel);
    conversion.publish();
    isCallersMistake(conversion::publish);
  }

  @Test
  void callsAfterClose_areTheCallersMistake() {
    tracker.close();
    isCallersMistake(() -> tracker.attributes(0));
    isCallersMistake(tracker::close);
  }

  private static void isCallersMistake(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("caller");
  }
}
