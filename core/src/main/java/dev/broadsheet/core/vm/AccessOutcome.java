package dev.broadsheet.core.vm;

/** How a guest's access ended. */
public enum AccessOutcome {
  /** The guest has its page. */
  DONE,
  /** There is no memory: user space emulates a device. */
  MMIO,
  /** Exit to user space: the access and the attribute differ, or nothing backs the page. */
  MEMORY_FAULT,
  /** An invalidation is open over the page; the guest would fault again and again until it ends. */
  RETRY,
  /** An error number; see {@link AccessResult#errno}. */
  ERROR,
  /** The guest touched a private page that it never accepted: the TD is dead. */
  NOT_ACCEPTED,
  /** The guest was told that the page is accepted already, or at another size. */
  ACCEPT_REFUSED
}
