package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A tracker's or a machine's initial attributes and what happens to it, written as one line: {@code
 * init=8 +0:0x0-0x400@0x0 c0:0x10-0x20}, on a virtual machine {@code vm=kind=tdx init=8 ...}.
 *
 * @param machine knobs of the virtual machine that it is run on; empty where the tracker is alone
 * @param initialAttributes what never converted gfns have
 * @param operations in order
 */
record OperationCase(String machine, int initialAttributes, List<Operation> operations) {
  /** What the line of a case on a virtual machine begins with. */
  static final String MACHINE = "vm=";

  OperationCase {
    operations = List.copyOf(operations);
  }

  static OperationCase parse(String line) {
    String[] words = line.strip().split("\\s+", -1);
    int first = words[0].startsWith(MACHINE) ? 1 : 0;
    if (words.length == first || !words[first].startsWith("init=")) {
      throw new IllegalArgumentException(
          "case '" + line + "'; expected init=ATTRIBUTES first, or vm=KNOBS and then that");
    }
    List<Operation> operations = new ArrayList<>();
    for (int i = first + 1; i < words.length; i++) {
      operations.add(Operation.parse(words[i]));
    }
    return new OperationCase(
        first == 0 ? "" : words[0].substring(MACHINE.length()),
        Integer.parseInt(words[first].substring(5), 16),
        operations);
  }

  OperationCase with(List<Operation> others) {
    return new OperationCase(machine, initialAttributes, others);
  }

  /** Returns the same case on a virtual machine. */
  OperationCase on(String knobs) {
    return new OperationCase(knobs, initialAttributes, operations);
  }

  /** Returns the first gfn behind all that the case names. */
  long limit() {
    long limit = 1;
    for (Operation operation : operations) {
      if (operation instanceof Operation.Add add) {
        limit = Math.max(limit, add.slot().range().end());
      }
      GfnRange range = operation.range();
      if (range != null) {
        limit = Math.max(limit, range.end());
      }
    }
    return limit;
  }

  @Override
  public String toString() {
    return "%sinit=%x %s"
        .formatted(
            machine.isEmpty() ? "" : MACHINE + machine + " ",
            initialAttributes,
            operations.stream().map(Operation::toString).collect(Collectors.joining(" ")));
  }
}
