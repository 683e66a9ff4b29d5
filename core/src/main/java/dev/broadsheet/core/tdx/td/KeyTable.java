package dev.broadsheet.core.tdx.td;

/**
 * The key ownership table: which private key id belongs to whom, and how far its way back is.
 *
 * <p>Guarded by {@link #lock}, held exclusively by whoever changes a key's state.
 */
public final class KeyTable {
  /** State of a private key id. */
  public enum State {
    /** Free. */
    FREE,
    /** Belongs to a TD that may run. */
    ASSIGNED,
    /** TDH.MNG.VPFLUSHDONE is done; caches must be written back. */
    FLUSHED
  }

  /** The table's lock. */
  public final TryLock lock = new TryLock(/* threads= */ true);

  private final int first;
  private final State[] states;

  /** {@code writtenBack[hkid - first]}: set of packages. */
  private final long[] writtenBack;

  private final long allPackages;

  /** {@code partsDone[package]}: how far an interrupted write back came; 0 if none waits. */
  private final int[] partsDone;

  /** Creates a table of {@code count} free keys from {@code first} on. */
  public KeyTable(int first, int count, int packages) {
    this.first = first;
    this.states = new State[count];
    java.util.Arrays.fill(states, State.FREE);
    this.writtenBack = new long[count];
    this.allPackages = packages == 64 ? -1L : (1L << packages) - 1;
    this.partsDone = new int[packages];
  }

  /** Returns whether the id is a private one. */
  public boolean isPrivate(long hkid) {
    return hkid >= first && hkid < first + states.length;
  }

  /** Returns the state of a private key id. */
  public State state(int hkid) {
    return states[hkid - first];
  }

  /** Changes the state of a private key id. */
  public void setState(int hkid, State state) {
    states[hkid - first] = state;
    writtenBack[hkid - first] = 0;
  }

  /** Returns whether some flushed key still waits for this package to write its caches back. */
  public boolean hasWorkFor(int packageId) {
    for (int i = 0; i < states.length; i++) {
      if (states[i] == State.FLUSHED && (writtenBack[i] >>> packageId & 1) == 0) {
        return true;
      }
    }
    return false;
  }

  /** Books that a package has written back its caches for all flushed keys. */
  public void writtenBack(int packageId) {
    for (int i = 0; i < states.length; i++) {
      if (states[i] == State.FLUSHED) {
        writtenBack[i] |= 1L << packageId;
      }
    }
    partsDone[packageId] = 0;
  }

  /** Returns whether every package has written back its caches for this key. */
  public boolean isWrittenBackEverywhere(int hkid) {
    return writtenBack[hkid - first] == allPackages;
  }

  /** Returns how many parts an interrupted write back of the package has done; 0 if none waits. */
  public int partsDone(int packageId) {
    return partsDone[packageId];
  }

  /** Books that the package's write back was interrupted after some parts, at least one. */
  public void interrupt(int packageId, int parts) {
    partsDone[packageId] = parts;
  }

  /** Returns how many keys are not free. */
  public int used() {
    int used = 0;
    for (State state : states) {
      used += state == State.FREE ? 0 : 1;
    }
    return used;
  }
}
