package dev.broadsheet.lab.trace;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The bytes of a file, hashed as they are read, and unpacked where their content says gzip or zstd.
 */
public final class SourceBytes {
  private static final int GZIP_MAGIC = 0x1f8b;
  private static final int ZSTD_MAGIC = 0x28b5;

  private final DigestInputStream raw;
  private final InputStream unpacked;

  private SourceBytes(DigestInputStream raw, InputStream unpacked) {
    this.raw = raw;
    this.unpacked = unpacked;
  }

  /** Takes the stream over, also when it fails. */
  public static SourceBytes of(String file, InputStream in) throws IOException {
    DigestInputStream raw = new DigestInputStream(in, sha256Digest());
    try {
      BufferedInputStream ahead = new BufferedInputStream(raw, 64 * 1024);
      ahead.mark(2);
      int magic = (ahead.read() << 8) | ahead.read();
      ahead.reset();
      return new SourceBytes(
          raw,
          magic == GZIP_MAGIC
              ? gunzip(file, ahead)
              : magic == ZSTD_MAGIC ? new ZstdBytes(ahead) : ahead);
    } catch (IOException | RuntimeException e) {
      try (raw) {
        throw e;
      }
    }
  }

  private static InputStream gunzip(String file, InputStream in) throws IOException {
    try {
      return new GZIPInputStream(in, 64 * 1024);
    } catch (ZipException | EOFException e) {
      throw new TraceFormatException(
          file, 1, "a damaged gzip header", "a whole gzip file; copy it again");
    }
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Returns the unpacked bytes. */
  public InputStream stream() {
    return unpacked;
  }

  /** Reads what is left of the packed bytes and returns the hash of all of them. */
  String sha256() throws IOException {
    raw.transferTo(OutputStream.nullOutputStream());
    return HexFormat.of().formatHex(raw.getMessageDigest().digest());
  }
}
