package dev.broadsheet.core.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Explores the interleavings of a few threads over kernel memory, deterministically.
 *
 * <pre>{@code
 * Interleaving.Outcome outcome =
 *     Interleaving.of(
 *             stage -> {
 *               KernelArray counter = stage.memory().array("counter", ElementWidth.U64, 1);
 *               Runnable increment = () -> counter.set(0, counter.get(0) + 1);
 *               stage.thread("a", increment);
 *               stage.thread("b", increment);
 *               stage.atEnd(() -> check(counter.get(0) == 2));
 *             })
 *         .systematic(2, 1000);
 * outcome.failure();                    // the schedule "a*2,b*4,a*2" loses an increment
 * }</pre>
 *
 * <p>The scenario is prepared anew for each schedule and must do the same each time. Ordered
 * accesses to words that several threads touch, lock operations, RCU sections and callbacks are
 * steps; at each step any thread that can go on may. Memory is checked ({@link CheckingMemory})
 * underneath. A failure is what a thread or the final check throws, a deadlock, or a schedule
 * without end; its line repeats it.
 *
 * <p>What this finds are wrong orders of correct steps. Orders that only a weakly ordered processor
 * shows are the business of jcstress.
 */
public final class Interleaving {
  private static final long MOST_STEPS = 200_000;

  /** A thread that takes this many steps in a row is taken to spin: another gets a turn. */
  private static final int LONGEST_SPIN = 10_000;

  /** Schedules that are run to learn which words are shared, before the search begins. */
  private static final int LEARNING_SCHEDULES = 20;

  /** What is to be interleaved. */
  @FunctionalInterface
  public interface Scenario {
    /** Builds the state and names the threads; runs before them, without steps. */
    void prepare(Stage stage);
  }

  /** Where a scenario is built; valid for one schedule. */
  public static final class Stage {
    private final Scheduler scheduler;
    private final Rcu rcu;
    private final InterleavingMemory memory;
    private final List<Runnable> checks = new ArrayList<>();

    private Stage(Scheduler scheduler, boolean plainSteps) {
      this.scheduler = scheduler;
      this.rcu = new Rcu(scheduler);
      this.memory =
          new InterleavingMemory(
              new CheckingMemory(new PlainMemory(rcu), rcu), scheduler, plainSteps);
    }

    /** Returns the memory whose accesses are steps. */
    public InterleavingMemory memory() {
      return memory;
    }

    /** Returns RCU whose sections are steps. */
    public Rcu rcu() {
      return rcu;
    }

    /** Adds a thread. The name stands in schedules; it holds neither '*' nor ','. */
    public void thread(String name, Runnable body) {
      scheduler.add(name, body);
    }

    /** Adds a check that runs when all threads have ended. */
    public void atEnd(Runnable check) {
      checks.add(check);
    }

    /** A step of the scenario's own: another thread may go on here. */
    public void step() {
      scheduler.step();
    }

    /** Waits until a condition holds that another thread brings about. */
    public void await(String what, BooleanSupplier condition) {
      scheduler.await(() -> what, condition);
    }
  }

  /**
   * What an exploration found.
   *
   * @param schedules how many were run
   * @param complete whether all schedules within the bound were run
   * @param failure the first failure, if there was one
   */
  public record Outcome(long schedules, boolean complete, Optional<Failure> failure) {}

  /**
   * A schedule that went wrong.
   *
   * @param schedule repeats it with {@link Interleaving#replay}
   * @param cause what was thrown
   */
  public record Failure(String schedule, Throwable cause) {}

  private final Scenario scenario;
  private final boolean plainSteps;

  private Interleaving(Scenario scenario, boolean plainSteps) {
    this.scenario = scenario;
    this.plainSteps = plainSteps;
  }

  /** Takes ordered accesses, locks and RCU for steps. */
  public static Interleaving of(Scenario scenario) {
    return new Interleaving(scenario, false);
  }

  /** Takes plain accesses for steps too: finds words that should not be touched plainly. */
  public Interleaving withPlainSteps() {
    return new Interleaving(scenario, true);
  }

  /** Runs schedules drawn at random; the same for the same seed. */
  public Outcome random(long seed, int schedules) {
    SharedWords shared = SharedWords.learning();
    for (int i = 0; i < schedules; i++) {
      Optional<Failure> failure = run(new RandomChooser(seed + i), shared);
      if (failure.isPresent()) {
        return new Outcome(i + 1, false, failure);
      }
    }
    return new Outcome(schedules, false, Optional.empty());
  }

  /**
   * Runs all schedules with at most a number of preemptions: places where a thread that could go on
   * has to wait for another. Those with fewer come first, so that a failure is simple.
   *
   * @param preemptions most faults need no more than two
   * @param mostSchedules stops there, and the outcome says so
   */
  public Outcome systematic(int preemptions, long mostSchedules) {
    SharedWords shared = SharedWords.learning();
    long ran = 0;
    for (int i = 0; i < LEARNING_SCHEDULES && ran < mostSchedules; i++) {
      run(new RandomChooser(i), shared); // a failure here is found again, in its simplest form
      ran++;
    }
    for (int bound = 0; bound <= preemptions; bound++) {
      DepthFirst search = new DepthFirst(bound);
      long known = shared.growth();
      do {
        if (ran == mostSchedules) {
          return new Outcome(ran, false, Optional.empty());
        }
        ran++;
        Optional<Failure> failure = run(search, shared);
        if (failure.isPresent()) {
          return new Outcome(ran, false, failure);
        }
        if (shared.growth() != known) {
          known = shared.growth();
          search = new DepthFirst(bound);
        }
      } while (search.next());
    }
    return new Outcome(ran, true, Optional.empty());
  }

  /**
   * Runs one schedule from its line.
   *
   * @throws IllegalArgumentException if the line names no such thread or does not fit the scenario
   */
  public Outcome replay(String schedule) {
    Scheduler[] made = new Scheduler[1];
    Scheduler.Chooser[] parsed = new Scheduler.Chooser[1];
    Scheduler.Chooser late =
        choice -> {
          if (choice.step == 0) {
            parsed[0] = ScheduleLine.parse(schedule, made[0].indexes()).chooser();
          }
          return parsed[0].choose(choice);
        };
    made[0] = new Scheduler(late, SharedWords.everything(), MOST_STEPS);
    Optional<Failure> failure = run(made[0]);
    if (failure.isPresent() && failure.get().cause() instanceof IllegalArgumentException e) {
      throw e;
    }
    return new Outcome(1, false, failure);
  }

  private Optional<Failure> run(Scheduler.Chooser chooser, SharedWords shared) {
    return run(new Scheduler(chooser, shared, MOST_STEPS));
  }

  private Optional<Failure> run(Scheduler scheduler) {
    Stage stage = new Stage(scheduler, plainSteps);
    scenario.prepare(stage);
    Throwable thrown = scheduler.run();
    if (thrown == null) {
      thrown = check(stage);
    }
    return thrown == null
        ? Optional.empty()
        : Optional.of(new Failure(scheduler.schedule(), thrown));
  }

  private static @Nullable Throwable check(Stage stage) {
    try {
      stage.checks.forEach(Runnable::run);
      return null;
    } catch (RuntimeException | Error e) { // a failed assertion is an Error
      return e;
    }
  }

  /** Gives the turn away from a thread that spins; returns -1 if it does not. */
  private static int afterSpin(Scheduler.Choice choice) {
    if (!choice.currentRunnable || choice.count == 1 || choice.inARow < LONGEST_SPIN) {
      return -1;
    }
    for (int i = 0; i < choice.count; i++) {
      if (choice.runnable[i] == choice.current) {
        return choice.runnable[(i + 1) % choice.count];
      }
    }
    return -1;
  }

  /** Switches with a probability that is itself drawn for each schedule. */
  private static final class RandomChooser implements Scheduler.Chooser {
    private final Random random;
    private final int stepsPerSwitch;

    RandomChooser(long seed) {
      random = new Random(seed * 0x9e37_79b9_7f4a_7c15L);
      stepsPerSwitch = 1 << random.nextInt(7);
    }

    @Override
    public int choose(Scheduler.Choice choice) {
      int other = afterSpin(choice);
      if (other >= 0) {
        return other;
      }
      if (choice.currentRunnable && random.nextInt(stepsPerSwitch) != 0) {
        return choice.current;
      }
      return choice.runnable[random.nextInt(choice.count)];
    }
  }

  /**
   * Walks the tree of choices depth first. Option 0 goes on with the current thread where it can;
   * the others follow in the order of their indexes, and cost a preemption then.
   */
  private static final class DepthFirst implements Scheduler.Chooser {
    private final int bound;
    private final List<int[]> path = new ArrayList<>(); // {option taken, options allowed}
    private int depth;
    private int preempted;

    DepthFirst(int bound) {
      this.bound = bound;
    }

    /** Moves on to the next path; returns whether there is one. */
    boolean next() {
      depth = 0;
      preempted = 0;
      for (int last = path.size() - 1; last >= 0; last--) {
        int[] step = path.get(last);
        if (step[0] + 1 < step[1]) {
          step[0]++;
          return true;
        }
        path.remove(last);
      }
      return false;
    }

    @Override
    public int choose(Scheduler.Choice choice) {
      int other = afterSpin(choice);
      if (other >= 0) {
        return other;
      }
      if (choice.count == 1) {
        return choice.runnable[0];
      }
      boolean preempts = choice.currentRunnable;
      if (depth == path.size()) {
        path.add(new int[] {0, preempts && preempted == bound ? 1 : choice.count});
      }
      int option = path.get(depth)[0];
      depth++;
      if (!preempts) {
        return choice.runnable[Math.min(option, choice.count - 1)];
      }
      if (option == 0) {
        return choice.current;
      }
      preempted++;
      int seen = 0;
      for (int i = 0; i < choice.count; i++) {
        if (choice.runnable[i] != choice.current && ++seen == option) {
          return choice.runnable[i];
        }
      }
      return choice.current;
    }
  }
}
