package dev.broadsheet.core.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets named threads run one at a time and decides at each step who goes on. The threads are real;
 * a baton goes from one to the next, so that only its holder runs and the scheduler's own state
 * needs no other protection.
 *
 * <p>One scheduler runs one schedule. Threads that it did not start (the one that sets up and
 * checks) pass through all steps.
 */
final class Scheduler implements Rcu.Steps {
  /** Decides who takes the next step. */
  interface Chooser {
    /** Returns the index of one of the threads that can go on. */
    int choose(Choice choice);
  }

  /** What a chooser knows; filled anew for each step. */
  static final class Choice {
    /** Number of the step, from 0. */
    long step;

    /** How many steps {@link #current} took in a row. */
    long inARow;

    /** The thread that took the last step, or -1. */
    int current = -1;

    /** Whether it can go on. */
    boolean currentRunnable;

    /** Indexes of the threads that can go on, ascending; the first {@link #count}. */
    int[] runnable = new int[0];

    int count;
  }

  private final Chooser chooser;
  private final SharedWords sharedWords;
  private final long mostSteps;
  private final List<Worker> workers = new ArrayList<>();
  private final ScheduleLine line = new ScheduleLine();
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Choice choice = new Choice();
  private volatile int baton = -1;
  private volatile boolean aborting;
  private @Nullable Throwable failure;

  Scheduler(Chooser chooser, SharedWords sharedWords, long mostSteps) {
    this.chooser = chooser;
    this.sharedWords = sharedWords;
    this.mostSteps = mostSteps;
  }

  /** Adds a thread; it starts with {@link #run}. */
  void add(String name, Runnable body) {
    if (name.isBlank() || name.indexOf('*') >= 0 || name.indexOf(',') >= 0) {
      throw new IllegalArgumentException(
          "thread name '" + name + "'; it must not be blank or hold '*' or ','");
    }
    if (indexes().containsKey(name)) {
      throw new IllegalArgumentException("two threads are named '" + name + "'");
    }
    workers.add(new Worker(workers.size(), name, body));
  }

  Map<String, Integer> indexes() {
    Map<String, Integer> indexes = new HashMap<>();
    workers.forEach(worker -> indexes.put(worker.getName(), worker.index));
    return indexes;
  }

  /** Runs all threads to their end; returns what went wrong, or null. */
  @Nullable Throwable run() {
    if (workers.isEmpty()) {
      return null;
    }
    choice.runnable = new int[workers.size()];
    workers.forEach(Thread::start);
    handOn(null);
    boolean interrupted = false;
    while (true) {
      try {
        finished.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return failure;
  }

  /** Returns what was run so far, in the form that {@link ScheduleLine#parse} reads. */
  String schedule() {
    return line.print(workers.stream().map(Thread::getName).toList());
  }

  @Override
  public void step() {
    Worker me = self();
    if (me != null && !aborting) {
      yieldBaton(me);
    }
  }

  /** A step of the calling thread at a word; one that no other thread touches is no choice. */
  void step(long word, boolean writes) {
    Worker me = self();
    if (me == null || aborting) {
      return;
    }
    if (sharedWords.touch(word, me.index, writes)) {
      yieldBaton(me);
    } else {
      checkProgress();
      record(me.index);
    }
  }

  /** Notes a plain access: no step, but its word may be shared. */
  void touch(long word, boolean writes) {
    Worker me = self();
    if (me != null && !aborting) {
      sharedWords.touch(word, me.index, writes);
    }
  }

  @Override
  public void await(Supplier<String> what, BooleanSupplier condition) {
    Worker me = self();
    if (me == null) {
      if (!condition.getAsBoolean()) {
        throw new IllegalStateException(
            "the thread that sets up or checks would wait for " + what.get() + " for ever");
      }
      return;
    }
    me.waitingWhat = what;
    me.waitingFor = condition;
    try {
      if (aborting) {
        throw new ScheduleAborted();
      }
      yieldBaton(me);
    } finally {
      me.waitingFor = null;
    }
  }

  @Override
  public void spin() {
    Worker me = self();
    if (me == null) {
      return;
    }
    long before = line.steps();
    me.spinning = true;
    try {
      await(() -> "its turn to try again", () -> line.steps() > before || !canAnotherGoOn(me));
    } finally {
      me.spinning = false;
    }
  }

  /** Returns whether a thread could go on that does not spin itself. */
  private boolean canAnotherGoOn(Worker me) {
    for (Worker worker : workers) {
      BooleanSupplier waitingFor = worker.waitingFor;
      if (worker != me
          && !worker.done
          && !worker.spinning
          && (waitingFor == null || waitingFor.getAsBoolean())) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Worker self() {
    return Thread.currentThread() instanceof Worker worker && worker.scheduler() == this
        ? worker
        : null;
  }

  private void checkProgress() {
    if (line.steps() >= mostSteps) {
      fail(new IllegalStateException("no end after " + mostSteps + " steps: threads spin"));
      throw new ScheduleAborted();
    }
  }

  private void yieldBaton(Worker me) {
    checkProgress();
    handOn(me);
    if (baton != me.index) {
      me.awaitTurn();
    }
    if (aborting) {
      throw new ScheduleAborted();
    }
  }

  /** Chooses who goes on and gives it the baton. */
  private void handOn(@Nullable Worker from) {
    int count = 0;
    boolean currentRunnable = false;
    boolean unfinished = false;
    for (Worker worker : workers) {
      if (worker.done) {
        continue;
      }
      unfinished = true;
      BooleanSupplier waitingFor = worker.waitingFor;
      if (aborting || waitingFor == null || waitingFor.getAsBoolean()) {
        choice.runnable[count++] = worker.index;
        currentRunnable |= worker.index == choice.current;
      }
    }
    if (!unfinished) {
      finished.countDown();
      return;
    }
    if (count == 0) {
      fail(new IllegalStateException(deadlock()));
      passTo(from != null && !from.done ? from : firstUnfinished());
      return;
    }
    choice.count = count;
    choice.currentRunnable = currentRunnable;
    passTo(aborting ? firstUnfinished() : choose());
  }

  private Worker choose() {
    choice.step = line.steps();
    int chosen;
    try {
      chosen = chooser.choose(choice);
    } catch (IllegalArgumentException e) {
      fail(e);
      return firstUnfinished();
    }
    record(chosen);
    return workers.get(chosen);
  }

  private void record(int thread) {
    choice.inARow = choice.current == thread ? choice.inARow + 1 : 1;
    choice.current = thread;
    line.add(thread);
  }

  private void passTo(Worker next) {
    baton = next.index;
    LockSupport.unpark(next);
  }

  private Worker firstUnfinished() {
    for (Worker worker : workers) {
      if (!worker.done) {
        return worker;
      }
    }
    throw new IllegalStateException("all threads have ended");
  }

  private String deadlock() {
    StringBuilder text = new StringBuilder("deadlock:");
    for (Worker worker : workers) {
      if (!worker.done) {
        text.append(' ')
            .append(worker.getName())
            .append(" waits for ")
            .append(worker.waitingWhat.get());
        text.append(';');
      }
    }
    text.setLength(text.length() - 1);
    return text.toString();
  }

  private void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    aborting = true;
  }

  /** Unwinds a thread of a schedule that has failed elsewhere. */
  private static final class ScheduleAborted extends Error {
    private static final long serialVersionUID = 1L;

    ScheduleAborted() {
      super("schedule aborted", null, false, false);
    }
  }

  private final class Worker extends Thread {
    private final int index;
    private final Runnable body;
    private boolean done;
    private boolean spinning;
    private @Nullable BooleanSupplier waitingFor;
    private Supplier<String> waitingWhat = () -> "nothing";

    Worker(int index, String name, Runnable body) {
      super(name);
      this.index = index;
      this.body = body;
      setDaemon(true);
    }

    Scheduler scheduler() {
      return Scheduler.this;
    }

    void awaitTurn() {
      while (baton != index) {
        LockSupport.park(this);
      }
    }

    @Override
    public void run() {
      awaitTurn();
      try {
        if (!aborting) {
          body.run();
        }
      } catch (ScheduleAborted e) {
        // Another thread failed, or this one did and said so before.
      } catch (Throwable e) { // whatever a scenario throws is its outcome
        fail(e);
      }
      done = true;
      handOn(this);
    }
  }
}
