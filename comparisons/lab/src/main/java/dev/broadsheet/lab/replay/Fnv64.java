package dev.broadsheet.lab.replay;

/** The hash FNV-1a with 64 bits, over numbers written least significant byte first. */
final class Fnv64 {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private long hash = OFFSET;

  void add(long number, int bytes) {
    for (int i = 0; i < bytes; i++) {
      hash = (hash ^ ((number >>> (8 * i)) & 0xff)) * PRIME;
    }
  }

  String hex() {
    return "%016x".formatted(hash);
  }
}
