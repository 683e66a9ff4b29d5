package dev.broadsheet.core.memory;

/**
 * For what one thread writes at every step: keeps its fields two cache lines away from the object
 * before it. The garbage collector puts small objects that it finds together side by side, those of
 * two vCPUs too; then each write of one would take the line from the other's processor.
 */
@SuppressWarnings("unused") // they only take room
public abstract class OwnLines {
  /** Fills the word that the header begins, where a field of the subclass would go. */
  private int beside;

  private long a0;
  private long a1;
  private long a2;
  private long a3;
  private long a4;
  private long a5;
  private long a6;
  private long a7;
  private long b0;
  private long b1;
  private long b2;
  private long b3;
  private long b4;
  private long b5;
  private long b6;
  private long b7;

  /** For subclasses. */
  protected OwnLines() {}
}
