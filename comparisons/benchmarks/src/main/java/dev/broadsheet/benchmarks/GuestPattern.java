package dev.broadsheet.benchmarks;

/**
 * In which order pages are asked for. The next page is computed, so that no list of pages competes
 * for the caches.
 */
enum GuestPattern {
  /** One page after the other. */
  SEQUENTIAL {
    @Override
    long next(long state) {
      return state + 1;
    }

    @Override
    long gfn(long state, long mask) {
      return state & mask;
    }
  },
  /** Any page. */
  RANDOM {
    @Override
    long next(long state) {
      return state * MULTIPLIER + INCREMENT;
    }

    @Override
    long gfn(long state, long mask) {
      return (state >>> 20) & mask;
    }
  },
  /** 64 pages after each other from any place, as programs touch memory. */
  CLUSTERED {
    @Override
    long next(long state) {
      long run = state + 1;
      return (run & 63) == 0 ? (run * MULTIPLIER + INCREMENT) & -64 : run;
    }

    @Override
    long gfn(long state, long mask) {
      return (((state >>> 20) & -64) | (state & 63)) & mask;
    }
  };

  private static final long MULTIPLIER = 6364136223846793005L;
  private static final long INCREMENT = 1442695040888963407L;

  /** Returns the state after this one. */
  abstract long next(long state);

  /** Returns the page that a state names, at most {@code mask}. */
  abstract long gfn(long state, long mask);
}
