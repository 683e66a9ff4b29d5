package dev.broadsheet.core.tdx.td;

/** Life cycle of a TD, kept in its TDR: what the private key allows. */
public enum LifeCycle {
  /** TDH.MNG.CREATE reserved a key id; no memory function works. */
  HKID_ASSIGNED,
  /** TDH.MNG.KEY.CONFIG is done on every package; memory functions work. */
  KEYS_CONFIGURED,
  /** TDH.MNG.VPFLUSHDONE is done; the Secure EPT cannot be reached any more. */
  BLOCKED,
  /** TDH.MNG.KEY.FREEID is done; only TDH.PHYMEM.PAGE.RECLAIM works. */
  TEARDOWN
}
