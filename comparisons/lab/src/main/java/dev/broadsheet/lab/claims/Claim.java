package dev.broadsheet.lab.claims;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plus or a minus of one option.
 *
 * @param id permanent name
 * @param option letter of the option
 * @param strategy id of the strategy that stands for it
 * @param variant an option that a run must have for the claim to speak of it, or null for any
 * @param sign plus or minus, as it was put forward
 * @param text the claim in our words
 * @param post key of the post
 * @param assumption what the author takes for granted, or null
 * @param reading how we turn it into numbers
 * @param criteria comparisons; empty if none of our numbers speaks to it
 * @param open why not, if so
 */
public record Claim(
    String id,
    String option,
    String strategy,
    @Nullable String variant,
    Sign sign,
    String text,
    String post,
    @Nullable String assumption,
    String reading,
    List<Criterion> criteria,
    @Nullable String open) {
  /** Returns what has to run: the strategy with the option that it takes. */
  public String subject() {
    return variant == null ? strategy : strategy + "[" + variant + "]";
  }

  /** What a claim was put forward as. */
  public enum Sign {
    /** Speaks for the option. */
    PLUS("+"),
    /** Speaks against it. */
    MINUS("-");

    private final String mark;

    Sign(String mark) {
      this.mark = mark;
    }

    /** Returns + or -. */
    public String mark() {
      return mark;
    }
  }
}
