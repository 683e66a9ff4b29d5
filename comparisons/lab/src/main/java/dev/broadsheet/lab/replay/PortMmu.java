package dev.broadsheet.lab.replay;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.vm.attributes.ConversionMmu;
import java.util.ArrayList;
import java.util.List;

/** An MMU that maps nothing, and notes what a conversion asks of it. */
final class PortMmu implements ConversionMmu {
  private long invalidStart;
  private long invalidEnd;
  private final List<Answer> unmapped = new ArrayList<>();

  PortMmu() {
    begin();
  }

  /** Forgets the conversion before. */
  void begin() {
    invalidStart = Long.MAX_VALUE;
    invalidEnd = Long.MIN_VALUE;
    unmapped.clear();
  }

  Answer invalidated() {
    Answer answer = Answer.of("inv");
    return invalidStart > invalidEnd
        ? answer.add(AnswerKind.INV, "none")
        : answer.add(AnswerKind.INV, invalidStart).add(AnswerKind.INV, invalidEnd);
  }

  List<Answer> unmapped() {
    return List.copyOf(unmapped);
  }

  @Override
  public void lockForWrite() {}

  @Override
  public void unlock() {}

  @Override
  public void invalidateBegin() {}

  @Override
  public void invalidateRangeAdd(long start, long end) {
    invalidStart = Math.min(invalidStart, start);
    invalidEnd = Math.max(invalidEnd, end);
  }

  @Override
  public void invalidateEnd() {}

  @Override
  public void splitCrossing(KvmMemslot slot, long start, long end, int losing) {}

  @Override
  public boolean unmap(KvmMemslot slot, long start, long end, int losing) {
    unmapped.add(
        Answer.of("unmap")
            .add(AnswerKind.UNMAP, slot.id())
            .add(AnswerKind.UNMAP, start)
            .add(AnswerKind.UNMAP, end)
            .add(AnswerKind.UNMAP, PageAttributes.format(losing)));
    return false;
  }

  @Override
  public void flush() {}
}
