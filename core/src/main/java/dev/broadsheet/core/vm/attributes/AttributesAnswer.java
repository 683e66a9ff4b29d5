package dev.broadsheet.core.vm.attributes;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.core.host.Errno;
import org.jspecify.annotations.Nullable;

/**
 * What a change of attributes came to.
 *
 * @param errno 0 or the error number, positive
 * @param converted the gfns that were converted: all, a prefix when memory ran dry on the way, or
 *     null if nothing changed
 * @param detail why it was refused, in one line; empty if it was not
 */
public record AttributesAnswer(int errno, @Nullable GfnRange converted, String detail) {
  static final AttributesAnswer UNCHANGED = new AttributesAnswer(0, null, "");

  static AttributesAnswer refused(int errno, String detail) {
    return new AttributesAnswer(errno, null, detail);
  }

  static AttributesAnswer converted(GfnRange all) {
    return new AttributesAnswer(0, all, "");
  }

  static AttributesAnswer prefix(GfnRange prefix, GfnRange asked) {
    return new AttributesAnswer(
        Errno.ENOMEM, prefix, "memory ran dry: " + prefix + " of " + asked + " is converted");
  }

  /** Returns whether the call answered 0. */
  public boolean isSuccess() {
    return errno == 0;
  }

  /** Returns whether any page changed. */
  public boolean isChanged() {
    return converted != null;
  }
}
