package dev.broadsheet.api;

/** What a page, or an aligned block of pages, is. */
public enum PageType {
  /** The block is not wholly inside one memslot, so no page of its size can exist. */
  INVALID,
  /** All pages are shared: KVM maps them. */
  SHARED,
  /** All pages are private: the TDX module maps them. */
  PRIVATE,
  /** The block holds pages of more than one attribute; a large page would cover both kinds. */
  MIXED
}
