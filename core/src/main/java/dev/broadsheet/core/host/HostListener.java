package dev.broadsheet.core.host;

/**
 * Told by a mapping of user space before and after it changes: an MMU notifier. Ranges are page
 * numbers of user addresses, half open. What is mapped of them must be gone when {@link
 * #invalidateStart} returns, and may not come back before {@link #invalidateEnd}.
 */
public interface HostListener {
  /** The range is about to change. */
  void invalidateStart(long start, long end);

  /** The range has changed. */
  void invalidateEnd(long start, long end);
}
