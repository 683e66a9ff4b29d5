package dev.broadsheet.api;

/**
 * A conversion for trackers that need no phases: all work is done in one step, at {@link
 * #publish()}.
 *
 * <p>Readers then see the old answers until the invalidation window closes, and the new ones after;
 * both are allowed (R9). {@link #apply} must not fail, so the tracker makes sure in {@code prepare}
 * that it needs no memory there, or takes it there.
 */
public abstract class OneStepConversion implements Conversion {
  private final GfnRange range;

  /** Creates a conversion of the whole of {@code range}. */
  protected OneStepConversion(GfnRange range) {
    this.range = range;
  }

  /** Returns a conversion that has nothing to do, for a range that already is what was asked. */
  public static Conversion unchanged() {
    return Finished.UNCHANGED;
  }

  /** Returns a conversion that is refused. */
  public static Conversion rejected(RejectReason reason, String detail) {
    return new Finished(new Plan.Rejected(reason, detail));
  }

  /** Returns the refusal of attributes of which a strategy keeps the private bit alone. */
  public static Conversion unsupported(int attributes) {
    return rejected(
        RejectReason.UNSUPPORTED_ATTRIBUTES,
        "%s asked, only private and shared are kept".formatted(PageAttributes.format(attributes)));
  }

  /** Stores the new attributes of all pages and updates large-page information; cannot fail. */
  protected abstract void apply();

  /** Gives back what was reserved; nothing by default. */
  @Override
  public void cancel() {}

  @Override
  public final Plan plan() {
    return new Plan.Ready(range);
  }

  @Override
  public final long store(long from) {
    return range.end();
  }

  @Override
  public final void publish() {
    apply();
  }

  /** A conversion that ended before it began. */
  private record Finished(Plan plan) implements Conversion {
    static final Conversion UNCHANGED = new Finished(new Plan.Unchanged());

    @Override
    public long store(long from) {
      throw ended();
    }

    @Override
    public void publish() {
      throw ended();
    }

    @Override
    public void cancel() {}

    private IllegalStateException ended() {
      return new IllegalStateException("the conversion ended at its plan: " + plan);
    }
  }
}
