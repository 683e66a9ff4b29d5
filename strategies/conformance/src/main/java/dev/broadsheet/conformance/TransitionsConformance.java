package dev.broadsheet.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Pins what a tracker tells of blocks that turn, for strategies that tell.
 *
 * <p>The contract lets a tracker tell nothing at all, so {@link TrackingStrategyConformance} only
 * refuses what is told wrongly. A strategy whose telling is relied on extends this class as well:
 * here silence fails.
 */
public abstract class TransitionsConformance {
  /**
   * The slot of the cases: a 2M block at 0x3fe00, the 1G block at 0x40000, and half a 2M block from
   * 0x80000 on. All of it and its surroundings begin as shared.
   */
  private static final String SLOT = "+0:0x3fe00-0x80100@0x3fe00";

  /** For subclasses. */
  protected TransitionsConformance() {}

  /** Returns the ids of the strategies, with options if they are not the defaults. */
  protected abstract List<String> strategies();

  /**
   * One case: what is done, and what the last of it tells.
   *
   * @param name what the case is about
   * @param operations written as in a verdict's repeat line
   * @param told in words, sorted
   */
  private record Case(String name, String operations, List<String> told) {
    static Case of(String name, String operations, String... told) {
      return new Case(name, operations, List.of(told));
    }
  }

  private static final List<Case> CASES =
      List.of(
          Case.of(
              "a page of a uniform block makes it and the one above mixed",
              SLOT + " c8:0x40207-0x40208",
              "1G 0x40000 mixed",
              "2M 0x40200 mixed"),
          Case.of(
              "another page of a mixed block turns nothing",
              SLOT + " c8:0x40207-0x40208 c8:0x40209-0x4020a"),
          Case.of(
              "the only page that differed makes both uniform",
              SLOT + " c8:0x40207-0x40208 c0:0x40207-0x40208",
              "1G 0x40000 uniform shared",
              "2M 0x40200 uniform shared"),
          Case.of(
              "the rest of a mixed block makes it uniform, the one above stays mixed",
              SLOT + " c8:0x40200-0x40300 c8:0x40300-0x40400",
              "2M 0x40200 uniform private"),
          Case.of(
              "a whole 2M block makes the one above mixed and stays uniform itself",
              SLOT + " c8:0x40200-0x40400",
              "1G 0x40000 mixed"),
          Case.of(
              "a whole 1G block makes all that was mixed in it uniform",
              SLOT + " c8:0x40207-0x40208 c8:0x7fe00-0x7fe01 c8:0x40000-0x80000",
              "1G 0x40000 uniform private",
              "2M 0x40200 uniform private",
              "2M 0x7fe00 uniform private"),
          Case.of(
              "a range over a border turns the blocks on both sides",
              SLOT + " c8:0x3fffe-0x40003",
              "1G 0x40000 mixed",
              "2M 0x3fe00 mixed",
              "2M 0x40000 mixed"),
          Case.of(
              "a block that the slot's edge cuts counts for nothing", SLOT + " c8:0x80000-0x80001"),
          Case.of("pages outside slots count for nothing", SLOT + " c8:0x80200-0x80300"),
          Case.of("what holds already turns nothing", SLOT + " c0:0x40200-0x40300"),
          Case.of("a cancelled conversion turns nothing", SLOT + " x8:0x40207-0x40208"),
          Case.of(
              "a slot that comes around mixed pages tells nothing", "c8:0x40207-0x40208 " + SLOT),
          Case.of("a slot that goes tells nothing", SLOT + " c8:0x40207-0x40208 -0"),
          Case.of(
              "what a slot found mixed may become uniform",
              "c8:0x40207-0x40208 " + SLOT + " c0:0x40207-0x40208",
              "1G 0x40000 uniform shared",
              "2M 0x40200 uniform shared"));

  @TestFactory
  final Stream<DynamicTest> transitions() {
    return strategies().stream().flatMap(spec -> CASES.stream().map(one -> test(spec, one)));
  }

  private static DynamicTest test(String spec, Case one) {
    return DynamicTest.dynamicTest(
        spec + ": " + one.name(),
        () ->
            assertEquals(
                one.told(),
                told(Subject.of(StrategyRegistry.load(), spec), one.operations()),
                () -> spec + " after " + one.operations()));
  }

  private static List<String> told(Subject subject, String operations) {
    TestMachine machine = new TestMachine(subject, PageAttributes.SHARED);
    // Whatever the strategy's own default: all begins as shared.
    machine.run(OperationCase.parse("init=0 c0:0x3fe00-0x80400"));
    machine.run(OperationCase.parse("init=0 " + operations));
    return machine.told();
  }
}
