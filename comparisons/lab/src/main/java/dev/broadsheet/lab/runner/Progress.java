package dev.broadsheet.lab.runner;

/** Told how a comparison gets on; called from several threads. */
public interface Progress extends AutoCloseable {
  /** Says nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void events(long done) {}

        @Override
        public void finished(String strategy, String how) {}

        @Override
        public void failed(String strategy, RuntimeException why) {}

        @Override
        public void close() {}
      };

  /** More events were done. */
  void events(long done);

  /** A strategy's run is over. */
  void finished(String strategy, String how);

  /** A strategy's run broke off. */
  void failed(String strategy, RuntimeException why);

  @Override
  void close();
}
