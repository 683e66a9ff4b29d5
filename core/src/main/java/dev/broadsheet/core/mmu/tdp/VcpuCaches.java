package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.mmu.spte.Spte;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A vCPU's stock of everything that a fault may need while it holds {@code mmu_lock} and cannot
 * sleep.
 *
 * <table>
 *   <caption>In the order of the top-up</caption>
 *   <tr><th>cache</th><th>minimum</th><th>object</th></tr>
 *   <tr><td>pte_list_desc</td><td>14</td><td>128 bytes; the shadow MMU's, stocked all the same</td></tr>
 *   <tr><td>external_spt</td><td>5</td><td>a page for the Secure EPT; only with a mirror tree</td></tr>
 *   <tr><td>shadow_page</td><td>5</td><td>a table filled with non-present entries</td></tr>
 *   <tr><td>page_header</td><td>5</td><td>184 bytes</td></tr>
 * </table>
 *
 * <p>A cache below its minimum is filled to its capacity of 40. Memory that runs dry on the way is
 * an error only below the minimum; what was obtained stays. One vCPU uses its caches, so no lock is
 * needed. Source: Linux v6.16, virt/kvm/kvm_main.c: __kvm_mmu_topup_memory_cache(), mmu.c:
 * mmu_topup_memory_caches().
 */
public final class VcpuCaches {
  /** Objects that a cache holds at most: {@code KVM_ARCH_NR_OBJS_PER_MEMORY_CACHE}. */
  public static final int CAPACITY = 40;

  /** Deepest tree: {@code PT64_ROOT_MAX_LEVEL}. */
  public static final int MINIMUM = 5;

  private static final int PTE_LIST_MINIMUM = 14;

  private final ObjectCache pteListDescriptors;
  private final Stock pteList = new Stock();
  private final Stock external = new Stock();
  private final Stock directTables = new Stock();
  private final Stock directHeaders = new Stock();
  private final Stock mirrorTables = new Stock();
  private final Stock mirrorHeaders = new Stock();
  private final TdpTree direct;
  private final @Nullable TdpTree mirror;
  private final @Nullable ExternalTables externalTables;

  /** Creates empty caches for the trees of one machine. */
  public VcpuCaches(
      KernelMemory memory,
      TdpTree direct,
      @Nullable TdpTree mirror,
      @Nullable ExternalTables externalTables) {
    this.pteListDescriptors = memory.cache("mmu.pte_list_desc", 128);
    this.direct = direct;
    this.mirror = mirror;
    this.externalTables = externalTables;
  }

  /**
   * Fills what a fault in {@code tree} may need.
   *
   * @throws KernelOutOfMemoryException if a cache stays below its minimum; what was obtained stays
   */
  public void topUp(TdpTree tree) {
    if (pteList.count < PTE_LIST_MINIMUM) {
      fill(pteList, pteListDescriptors, PTE_LIST_MINIMUM);
    }
    if (externalTables != null && external.count < MINIMUM) {
      fillExternal();
    }
    Stock tables = tables(tree);
    if (tables.count < MINIMUM) {
      fillTables(tree, tables);
    }
    Stock headers = headers(tree);
    if (headers.count < MINIMUM) {
      fill(headers, tree.headers(), MINIMUM);
    }
  }

  private void fill(Stock stock, ObjectCache cache, int minimum) {
    try {
      while (stock.count < CAPACITY) {
        stock.push(cache.allocate());
      }
    } catch (KernelOutOfMemoryException e) {
      if (stock.count < minimum) {
        throw e;
      }
    }
  }

  private void fillTables(TdpTree tree, Stock stock) {
    try {
      while (stock.count < CAPACITY) {
        long table = tree.tables().allocate();
        tree.tables().fill(table, 0, Spte.ENTRIES, Spte.NONPRESENT);
        stock.push(table);
      }
    } catch (KernelOutOfMemoryException e) {
      if (stock.count < MINIMUM) {
        throw e;
      }
    }
  }

  private void fillExternal() {
    ExternalTables tables = Objects.requireNonNull(externalTables);
    try {
      while (external.count < CAPACITY) {
        external.push(tables.allocatePage());
      }
    } catch (KernelOutOfMemoryException e) {
      if (external.count < MINIMUM) {
        throw e;
      }
    }
  }

  long takeTable(TdpTree tree) {
    return tables(tree).pop();
  }

  long takeHeader(TdpTree tree) {
    return headers(tree).pop();
  }

  long takeExternal() {
    return external.pop();
  }

  private Stock tables(TdpTree tree) {
    return tree == mirror ? mirrorTables : directTables;
  }

  private Stock headers(TdpTree tree) {
    return tree == mirror ? mirrorHeaders : directHeaders;
  }

  /** Gives everything back, as the end of the vCPU does. */
  public void free() {
    pteList.drain(pteListDescriptors);
    directTables.drain(direct.tables());
    directHeaders.drain(direct.headers());
    if (mirror != null) {
      mirrorTables.drain(mirror.tables());
      mirrorHeaders.drain(mirror.headers());
    }
    while (external.count > 0) {
      Objects.requireNonNull(externalTables).freePage(external.pop());
    }
  }

  /** Returns how many tables of a tree are held, with or without a header for each. */
  public int heldTables(TdpTree tree) {
    return tables(tree).count;
  }

  /** Returns how many tables of a tree, each with its header, can be taken. */
  long stockedTables(TdpTree tree) {
    return Math.min(tables(tree).count, headers(tree).count);
  }

  /** One cache: objects of one kind. */
  private static final class Stock {
    private final long[] objects = new long[CAPACITY];
    private int count;

    void push(long object) {
      objects[count++] = object;
    }

    long pop() {
      if (count == 0) {
        throw new IllegalStateException(
            "a vCPU cache ran empty under mmu_lock; it was not topped up");
      }
      return objects[--count];
    }

    void drain(ObjectCache cache) {
      while (count > 0) {
        cache.free(objects[--count]);
      }
    }
  }
}
