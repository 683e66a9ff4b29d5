package dev.broadsheet.strategies.xarray;

/** Recounts a tree from its slots. */
final class XaAudit {
  private final XaNodes nodes;
  private long found;
  private long reserved;

  XaAudit(XaNodes nodes) {
    this.nodes = nodes;
  }

  /** Returns the number of reserved places; throws if anything is not as it should be. */
  long run(long head) {
    if (XaEntry.isNode(head)) {
      long top = XaEntry.handle(head);
      require(nodes.parent(top) == 0, top, "the top has a parent");
      visit(top);
    }
    if (found != nodes.live()) {
      throw new IllegalStateException(
          "xarray: %d nodes counted, %d found".formatted(nodes.live(), found));
    }
    return reserved;
  }

  private void visit(long node) {
    found++;
    int entries = 0;
    int values = 0;
    for (int slot = 0; slot < XaNodes.SLOTS; slot++) {
      long entry = nodes.slot(node, slot);
      entries += entry == XaEntry.NULL ? 0 : 1;
      values += XaEntry.isPresent(entry) ? 1 : 0;
      reserved += entry == XaEntry.ZERO ? 1 : 0;
      if (XaEntry.isSibling(entry)) {
        int first = XaEntry.slotOf(entry);
        require(first < slot && XaEntry.isValue(nodes.slot(node, first)), node, "sibling of none");
        require(slot - 1 == first || nodes.slot(node, slot - 1) == entry, node, "siblings apart");
      } else if (XaEntry.isNode(entry)) {
        require(XaEntry.isInternal(entry), node, "an entry that names a node");
        long child = XaEntry.handle(entry);
        require(nodes.parent(child) == node && nodes.offset(child) == slot, child, "links");
        require(nodes.shift(child) == nodes.shift(node) - XaNodes.CHUNK_SHIFT, child, "its shift");
        visit(child);
      }
    }
    require(entries > 0, node, "it is empty");
    require(entries == nodes.count(node), node, "count of entries");
    require(values == nodes.values(node), node, "count of values");
  }

  private void require(boolean condition, long node, String what) {
    if (!condition) {
      throw new IllegalStateException(
          "xarray: node 0x%x at shift %d, slot %d of its parent: %s is wrong"
              .formatted(node, nodes.shift(node), nodes.offset(node), what));
    }
  }
}
