package dev.broadsheet.core.tdx;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.pamt.Pamt;
import dev.broadsheet.core.tdx.seamcall.TdxPlatform;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptTables;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.Vcpu;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recounts what the module keeps: entries against page metadata, owners, child counts, epochs,
 * locks. The invariants are those of the fact sheet, section 16.2; their numbers stand in the
 * messages.
 */
final class TdxAudit {
  private final TdxPlatform platform;

  TdxAudit(TdxPlatform platform) {
    this.platform = platform;
  }

  /** A page that an entry names: level and owner, as one number to compare. */
  private record Use(int level, int owner, boolean table) {}

  void run() {
    Map<Long, Use> uses = new HashMap<>();
    for (TdControl td : platform.liveTds()) {
      if (td.root() != 0) {
        entries(td, uses);
      }
      vcpus(td);
    }
    pages(uses);
  }

  void visit(TdControl td, TdxModule.SeptVisitor visitor) {
    if (td.root() != 0) {
      visit(td.root(), td.rootLevel(), 0, visitor);
    }
  }

  void visitPages(TdControl td, TdxModule.PageVisitor visitor) {
    platform.pamt.visit(
        new Pamt.Visitor() {
          @Override
          public void page(long hpa, int level, PageType type, int owner) {
            if (owner == td.slot && type != PageType.PT_TDR) {
              visitor.page(hpa, level, type);
            }
          }

          @Override
          public void locked(long hpa, int level) {}
        });
  }

  private void visit(long table, int level, long base, TdxModule.SeptVisitor visitor) {
    for (int i = 0; i < SeptTables.ENTRIES; i++) {
      long entry = platform.tables.entry(table, i, level);
      long bare = entry & ~(SeptEntry.LOCK | SeptEntry.HOST_PRIORITY);
      if (bare == SeptEntry.FREE) {
        continue;
      }
      long gpa = base + i * SeptLevel.bytes(level);
      visitor.entry(gpa, level, bare);
      if (SeptEntry.state(bare).isTable()) {
        visit(platform.tables.link(table, i), level - 1, gpa, visitor);
      }
    }
  }

  private void entries(TdControl td, Map<Long, Use> uses) {
    checkLocks(td, td.root(), td.rootLevel());
    visit(
        td,
        (gpa, level, entry) -> {
          SeptState state = SeptEntry.state(entry);
          long permissions = entry & SeptEntry.RWX;
          check(
              permissions == state.permissions(),
              "1: %s at GPA 0x%x level %d has permissions %d",
              state,
              gpa,
              level,
              permissions);
          if (state.kind() == SeptState.Kind.FREE) {
            return;
          }
          check(
              !(state.isLeaf() && level > SeptLevel.PDPT),
              "leaf %s at GPA 0x%x on level %d",
              state,
              gpa,
              level);
          long hpa = SeptEntry.hpa(entry, level);
          Use use = new Use(state.isLeaf() ? level : 0, td.slot, state.isTable());
          Use before = uses.put(hpa, use);
          check(
              before == null,
              "5: 0x%x is named by two entries, the second at GPA 0x%x level %d",
              hpa,
              gpa,
              level);
        });
  }

  private void checkLocks(TdControl td, long table, int level) {
    for (int i = 0; i < SeptTables.ENTRIES; i++) {
      long entry = platform.tables.entry(table, i, level);
      check(!SeptEntry.isLocked(entry), "entry %d of a level %d table is locked", i, level);
      if (SeptEntry.state(entry).isTable()) {
        checkLocks(td, platform.tables.link(table, i), level - 1);
      }
    }
    check(td.treeLock.isFree(), "the tree lock of TD 0x%x is held", td.tdrHpa);
    check(td.opStateLock.isFree(), "the operation state lock of TD 0x%x is held", td.tdrHpa);
    check(td.epochs.lock.isFree(), "the epoch lock of TD 0x%x is held", td.tdrHpa);
  }

  private static void vcpus(TdControl td) {
    int inside = 0;
    int bound = 0;
    long epoch = td.epochs.epoch();
    for (Vcpu vcpu : td.vcpus) {
      if (vcpu.run.get() != Vcpu.OUTSIDE) {
        inside++;
        check(
            vcpu.epoch == epoch || vcpu.epoch == epoch - 1,
            "7: vCPU 0x%x is inside since epoch %d, the TD is in %d",
            vcpu.tdvprHpa,
            vcpu.epoch,
            epoch);
      }
      bound += vcpu.processor.get() == Vcpu.NO_PROCESSOR ? 0 : 1;
    }
    long counted = td.epochs.inside(0) + td.epochs.inside(1);
    check(counted == inside, "7: %d vCPUs inside TD 0x%x, counted %d", inside, td.tdrHpa, counted);
    check(
        bound == td.associatedVcpus.get(),
        "%d vCPUs of TD 0x%x are bound, counted %d",
        bound,
        td.tdrHpa,
        td.associatedVcpus.get());
  }

  /** Compares the metadata of every page in use with what the entries say, and the counts. */
  private void pages(Map<Long, Use> uses) {
    Multiset<Integer> children = HashMultiset.create();
    Map<Long, Use> open = new HashMap<>(uses);
    platform.pamt.visit(
        new Pamt.Visitor() {
          @Override
          public void page(long hpa, int level, PageType type, int owner) {
            switch (type) {
              case PT_REG -> {
                checkRegularIsAlone(hpa, level);
                children.add(owner, (int) SeptLevel.pages(level));
                named(hpa, level, owner, false);
              }
              case PT_EPT -> {
                children.add(owner);
                named(hpa, level, owner, true);
              }
              case PT_TDCX, PT_TDVPR -> children.add(owner);
              case PT_TDR -> check(level == 0, "TDR 0x%x has level %d", hpa, level);
              case PT_NDA, PT_RSVD, PT_PAMT -> {}
            }
          }

          private void named(long hpa, int level, int owner, boolean table) {
            Use use = open.remove(hpa);
            TdControl td = platform.td(owner);
            if (td.root() == 0) {
              return; // the key is gone; pages wait for RECLAIM
            }
            check(
                use != null && use.equals(new Use(level, owner, table)),
                "3: 0x%x is %s level %d of TD 0x%x, but the Secure EPT says %s",
                hpa,
                table ? "PT_EPT" : "PT_REG",
                level,
                td.tdrHpa,
                use);
          }

          @Override
          public void locked(long hpa, int level) {
            check(
                isHeldByVcpu(hpa, level), "the PAMT entry of 0x%x level %d is locked", hpa, level);
          }
        });
    check(
        open.isEmpty(),
        "3: %d entries name pages that the PAMT does not give to their TD; first 0x%x",
        open.size(),
        open.isEmpty() ? 0L : open.keySet().iterator().next());
    for (TdControl td : platform.liveTds()) {
      long counted = children.count(td.slot);
      check(
          counted == td.childCount.get(),
          "4: TD 0x%x has %d child pages, its TDR counts %d",
          td.tdrHpa,
          counted,
          td.childCount.get());
    }
  }

  /** At most one of the three entries of an address is PT_REG, and nothing is in use below it. */
  private void checkRegularIsAlone(long hpa, int level) {
    if (level == 0) {
      return;
    }
    platform.pamt.visitBelow(
        hpa,
        level,
        (belowHpa, belowLevel, type) ->
            check(
                type == PageType.PT_NDA,
                "2: 0x%x is PT_REG on level %d, and 0x%x is %s on level %d",
                hpa,
                level,
                belowHpa,
                type,
                belowLevel));
  }

  private boolean isHeldByVcpu(long hpa, int level) {
    for (TdControl td : platform.liveTds()) {
      for (Vcpu vcpu : td.vcpus) {
        boolean inside = vcpu.run.get() != Vcpu.OUTSIDE;
        long mask = -SeptLevel.bytes(level);
        if (inside && ((vcpu.tdvprHpa & mask) == hpa || (level == 0 && td.tdrHpa == hpa))) {
          return true;
        }
      }
    }
    return false;
  }

  @SuppressWarnings("AnnotateFormatMethod") // that annotation is no dependency of ours
  private static void check(boolean condition, String format, @Nullable Object... arguments) {
    if (!condition) {
      throw new IllegalStateException("TDX audit: " + String.format(format, arguments));
    }
  }
}
