package dev.broadsheet.core.vm;

import dev.broadsheet.core.tdx.SeamcallLeaf;

/**
 * Told what a TD costs beside memory references, while it happens, so that a meter can bill it to
 * the operation and to the locks of the moment. In a machine with threads it is called from all of
 * them.
 */
public interface TdObserver {
  /** Sees nothing. */
  TdObserver NONE =
      new TdObserver() {
        @Override
        public void called(SeamcallLeaf leaf) {}

        @Override
        public void kicked() {}
      };

  /** A SEAMCALL was made, whatever it answered. */
  void called(SeamcallLeaf leaf);

  /** All vCPUs were forced out of the guest. */
  void kicked();
}
