package dev.broadsheet.core.host;

/**
 * Error numbers of Linux as far as KVM's calls answer them. A call answers 0 or the negated number.
 */
public final class Errno {
  /** No such thing: a page without a slot. */
  public static final int ENOENT = 2;

  /** A signal came. */
  public static final int EINTR = 4;

  /** Input or output failed; KVM's answer when a virtual machine is dead. */
  public static final int EIO = 5;

  /** No such open file. */
  public static final int EBADF = 9;

  /** Try again. */
  public static final int EAGAIN = 11;

  /** No memory. */
  public static final int ENOMEM = 12;

  /** Bad address; also comes with a memory-fault exit. */
  public static final int EFAULT = 14;

  /** It is there already: an overlap. */
  public static final int EEXIST = 17;

  /** File too large: a range that ends behind the largest offset. */
  public static final int EFBIG = 27;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** Not supported. */
  public static final int EOPNOTSUPP = 95;

  private Errno() {}

  /** Returns the name of an error number, positive or negated, such as {@code EINVAL}. */
  public static String name(int errno) {
    return switch (Math.abs(errno)) {
      case 0 -> "0";
      case ENOENT -> "ENOENT";
      case EINTR -> "EINTR";
      case EIO -> "EIO";
      case EBADF -> "EBADF";
      case EAGAIN -> "EAGAIN";
      case ENOMEM -> "ENOMEM";
      case EFAULT -> "EFAULT";
      case EEXIST -> "EEXIST";
      case EINVAL -> "EINVAL";
      case EFBIG -> "EFBIG";
      case EOPNOTSUPP -> "EOPNOTSUPP";
      default -> "errno " + Math.abs(errno);
    };
  }
}
