package dev.broadsheet.core.vm;

import org.jspecify.annotations.Nullable;

/** Whom operations are billed to, if anybody. */
final class Billing {
  private @Nullable OperationHook hook;

  void to(@Nullable OperationHook operations) {
    this.hook = operations;
  }

  @Nullable OperationHook hook() {
    return hook;
  }

  void begin(OperationHook.Kind kind) {
    if (hook != null) {
      hook.begin(kind);
    }
  }

  void end(OperationHook.Kind kind) {
    if (hook != null) {
      hook.end(kind);
    }
  }
}
