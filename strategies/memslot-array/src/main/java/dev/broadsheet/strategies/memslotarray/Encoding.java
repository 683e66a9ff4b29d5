package dev.broadsheet.strategies.memslotarray;

import dev.broadsheet.api.memory.ElementWidth;

/** How wide an element of a page-type array is. */
enum Encoding {
  /** A C enum: 4 bytes at every level, as posted. */
  ENUM(ElementWidth.U32, 32, 32),
  /** One byte at every level. */
  BYTE(ElementWidth.U8, 8, 8),
  /** 1 bit per 4K page (clear: shared, set: private), 2 bits per block. */
  PACKED(ElementWidth.U8, 1, 2);

  final ElementWidth width;
  private final int pageBits;
  private final int blockBits;

  Encoding(ElementWidth width, int pageBits, int blockBits) {
    this.width = width;
    this.pageBits = pageBits;
    this.blockBits = blockBits;
  }

  /** Returns the bits of one element in the array of 4K pages, or in those of blocks. */
  int bits(boolean pages) {
    return pages ? pageBits : blockBits;
  }
}
