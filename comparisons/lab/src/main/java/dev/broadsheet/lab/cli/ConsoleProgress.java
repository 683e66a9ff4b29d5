package dev.broadsheet.lab.cli;

import dev.broadsheet.lab.runner.Progress;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar with rate and time left on a terminal; a line for each finished strategy elsewhere. */
final class ConsoleProgress implements Progress {
  private final PrintWriter err;
  private final long total;
  private final @Nullable ProgressBar bar;
  private final boolean debug;
  private final AtomicLong done = new AtomicLong();

  private ConsoleProgress(PrintWriter err, long total, @Nullable ProgressBar bar, boolean debug) {
    this.debug = debug;
    this.err = err;
    this.total = total;
    this.bar = bar;
  }

  static Progress create(PrintWriter err, long total, boolean quiet, boolean debug) {
    if (quiet) {
      return Progress.NONE;
    }
    boolean terminal = Boolean.parseBoolean(System.getenv("BROADSHEET_TERMINAL"));
    ProgressBar bar = null;
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("replaying")
              .setInitialMax(total)
              .setUnit(" events", 1)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(200)
              .showSpeed()
              .clearDisplayOnFinish()
              .build();
    }
    return new ConsoleProgress(err, total, bar, debug);
  }

  @Override
  public void events(long more) {
    long now = done.addAndGet(more);
    if (bar != null) {
      bar.stepTo(now);
    }
  }

  @Override
  public synchronized void finished(String strategy, String how) {
    if (bar == null) {
      err.println("%s: %s (%,d of %,d events)".formatted(strategy, how, done.get(), total));
      err.flush();
    }
  }

  @Override
  public synchronized void failed(String strategy, RuntimeException why) {
    err.println("%s did not finish: %s".formatted(strategy, why.getMessage()));
    if (debug) {
      why.printStackTrace(err);
    }
    err.flush();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
