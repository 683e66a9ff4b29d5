package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A machine's initial attributes and what happens to it, written as one line: {@code init=8
 * +0:0x0-0x400@0x0 c0:0x10-0x20}.
 *
 * @param initialAttributes what never converted gfns have
 * @param operations in order
 */
record OperationCase(int initialAttributes, List<Operation> operations) {
  OperationCase {
    operations = List.copyOf(operations);
  }

  static OperationCase parse(String line) {
    String[] words = line.strip().split("\\s+", -1);
    if (!words[0].startsWith("init=")) {
      throw new IllegalArgumentException("case '" + line + "'; expected init=ATTRIBUTES first");
    }
    List<Operation> operations = new ArrayList<>();
    for (int i = 1; i < words.length; i++) {
      operations.add(Operation.parse(words[i]));
    }
    return new OperationCase(Integer.parseInt(words[0].substring(5), 16), operations);
  }

  OperationCase with(List<Operation> others) {
    return new OperationCase(initialAttributes, others);
  }

  /** Returns the first gfn behind all that the case names. */
  long limit() {
    long limit = 1;
    for (Operation operation : operations) {
      if (operation instanceof Operation.Add add) {
        limit = Math.max(limit, add.slot().range().end());
      }
      GfnRange range = operation.converted();
      if (range != null) {
        limit = Math.max(limit, range.end());
      }
    }
    return limit;
  }

  @Override
  public String toString() {
    return "init=%x %s"
        .formatted(
            initialAttributes,
            operations.stream().map(Operation::toString).collect(Collectors.joining(" ")));
  }
}
