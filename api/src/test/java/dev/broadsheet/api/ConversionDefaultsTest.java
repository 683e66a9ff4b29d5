package dev.broadsheet.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The default methods of {@link PageAttributeTracker} drive a conversion through its phases in
 * order.
 */
class ConversionDefaultsTest {
  private static final GfnRange RANGE = new GfnRange(16, 48);

  @Test
  void convert_ready_storesInStepsAndPublishesOnce() {
    Recorder tracker = new Recorder(new Plan.Ready(RANGE), 10);

    ConversionOutcome outcome = tracker.convert(RANGE, PageAttributes.PRIVATE);

    assertThat(outcome).isEqualTo(new ConversionOutcome.Converted(RANGE));
    assertThat(tracker.calls)
        .containsExactly("store 16", "store 26", "store 36", "store 46", "publish");
  }

  @Test
  void convert_prefixOnly_isPartialAndNamesTheNextGfn() {
    GfnRange prefix = new GfnRange(16, 20);
    Recorder tracker = new Recorder(new Plan.Ready(prefix), 100);

    assertThat(tracker.convert(RANGE, 0)).isEqualTo(new ConversionOutcome.Partial(prefix, 20));
    assertThat(tracker.calls).containsExactly("store 16", "publish");
  }

  @Test
  void convert_unchangedOrRejected_doesNothingMore() {
    Recorder unchanged = new Recorder(new Plan.Unchanged(), 1);
    assertThat(unchanged.convert(RANGE, 0)).isEqualTo(new ConversionOutcome.Unchanged());
    assertThat(unchanged.calls).isEmpty();

    Recorder rejected = new Recorder(new Plan.Rejected(RejectReason.OUT_OF_REACH, "too far"), 1);
    assertThat(rejected.convert(RANGE, 0))
        .isEqualTo(new ConversionOutcome.Rejected(RejectReason.OUT_OF_REACH, "too far"));
    assertThat(rejected.calls).isEmpty();
  }

  @Test
  void firstDifference_default_scansToTheFirstOtherPage() {
    Recorder tracker = new Recorder(new Plan.Unchanged(), 1);

    assertThat(tracker.firstDifference(0, 40, PageAttributes.SHARED)).isEqualTo(30);
    assertThat(tracker.firstDifference(0, 30, PageAttributes.SHARED)).isEqualTo(30);
    assertThat(tracker.firstDifference(30, 40, PageAttributes.SHARED)).isEqualTo(30);
    assertThat(tracker.firstDifference(7, 7, PageAttributes.PRIVATE)).isEqualTo(7);
    assertThatThrownBy(() -> tracker.firstDifference(8, 7, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneStepConversion_appliesAtPublish() {
    List<String> calls = new ArrayList<>();
    Conversion conversion =
        new OneStepConversion(RANGE) {
          @Override
          protected void apply() {
            calls.add("apply");
          }
        };

    assertThat(conversion.plan()).isEqualTo(new Plan.Ready(RANGE));
    assertThat(conversion.store(16)).isEqualTo(48);
    assertThat(calls).isEmpty();
    conversion.publish();
    assertThat(calls).containsExactly("apply");
  }

  @Test
  void oneStepConversion_unchangedOrRejected_cannotBeStored() {
    assertThat(OneStepConversion.unchanged().plan()).isEqualTo(new Plan.Unchanged());
    Conversion rejected = OneStepConversion.rejected(RejectReason.OUT_OF_MEMORY, "dry");
    assertThat(rejected.plan()).isEqualTo(new Plan.Rejected(RejectReason.OUT_OF_MEMORY, "dry"));
    assertThatThrownBy(() -> rejected.store(16)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(rejected::publish).isInstanceOf(IllegalStateException.class);
  }

  /** Answers shared below gfn 30 and private from there; records the phases. */
  private static final class Recorder implements PageAttributeTracker {
    final List<String> calls = new ArrayList<>();
    private final Plan plan;
    private final long step;

    Recorder(Plan plan, long step) {
      this.plan = plan;
      this.step = step;
    }

    @Override
    public int defaultAttributes() {
      return PageAttributes.SHARED;
    }

    @Override
    public int attributes(long gfn) {
      return gfn < 30 ? PageAttributes.SHARED : PageAttributes.PRIVATE;
    }

    @Override
    public PageType type(long gfn, PageLevel level) {
      return PageType.INVALID;
    }

    @Override
    public Conversion prepare(GfnRange range, int attributes) {
      return new Conversion() {
        @Override
        public Plan plan() {
          return plan;
        }

        @Override
        public long store(long from) {
          calls.add("store " + from);
          long end = ((Plan.Ready) plan).range().end();
          return Math.min(from + step, end);
        }

        @Override
        public void publish() {
          calls.add("publish");
        }

        @Override
        public void cancel() {
          calls.add("cancel");
        }
      };
    }

    @Override
    public void memslotAdded(Memslot slot) {}

    @Override
    public void memslotRemoved(Memslot slot) {}

    @Override
    public void audit() {}

    @Override
    public void close() {}
  }
}
