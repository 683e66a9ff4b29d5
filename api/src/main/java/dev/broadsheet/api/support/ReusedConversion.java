package dev.broadsheet.api.support;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Plan;

/**
 * The conversion under way of one tracker: there is one at a time, so the object is used again and
 * a conversion costs no garbage.
 *
 * <p>For one thread at a time ({@code slots_lock}).
 */
public abstract class ReusedConversion implements Conversion {
  private GfnRange range = new GfnRange(0, 1);
  private int wanted;

  /** Creates the object; {@link #begin} makes a conversion of it. */
  protected ReusedConversion() {}

  /** Returns this object as a conversion of the whole of {@code newRange}, ready to be stored. */
  public final Conversion begin(GfnRange newRange, int newWanted) {
    range = newRange;
    wanted = newWanted;
    return this;
  }

  /** Returns what is converted. */
  protected final GfnRange range() {
    return range;
  }

  /** Returns the attributes that its pages get. */
  protected final int wanted() {
    return wanted;
  }

  /** Made when asked for: the compiler sees that it is not kept, and leaves it out. */
  @Override
  public final Plan plan() {
    return new Plan.Ready(range);
  }
}
