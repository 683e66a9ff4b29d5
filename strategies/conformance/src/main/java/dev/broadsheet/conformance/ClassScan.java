package dev.broadsheet.conformance;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks through the class files of a strategy, from its provider to all classes of its package that
 * it names: for state outside kernel memory (statics that change, thread locals) and for locks that
 * kernel memory does not see (monitors, {@code java.util.concurrent.locks}).
 *
 * <p>Reads the format of the Java Virtual Machine Specification, chapter 4, as far as needed.
 */
final class ClassScan {
  private static final int MAGIC = 0xcafe_babe;
  private static final int ACC_SYNCHRONIZED = 0x20;
  private static final int MONITORENTER = 0xc2;
  private static final int TABLESWITCH = 0xaa;
  private static final int LOOKUPSWITCH = 0xab;
  private static final int WIDE = 0xc4;
  private static final int IINC = 0x84;

  /** Bytes of each instruction from 0 to 201, as digits; 0 for those of variable length. */
  private static final String LENGTHS =
      "1111111111111111232332222211111111111111111111111111112222211111"
          + "1111111111111111111111111111111111111111111111111111111111111111"
          + "1111311111111111111111111333333333333333320011111133333335532311"
          + "3311043355";

  private final Class<?> provider;
  private final String packagePath;
  private final Set<String> found = new TreeSet<>();
  private final Deque<String> open = new ArrayDeque<>();
  private final Set<String> queued = new TreeSet<>();

  private ClassScan(Class<?> provider) {
    this.provider = provider;
    this.packagePath = provider.getPackageName().replace('.', '/') + "/";
  }

  /** Returns what is wrong, in words; empty if nothing is. */
  static List<String> scan(Class<?> provider) {
    ClassScan scan = new ClassScan(provider);
    scan.follow(provider.getName().replace('.', '/'));
    while (!scan.open.isEmpty()) {
      scan.scanClass(scan.open.pop());
    }
    return new ArrayList<>(scan.found);
  }

  private void follow(String name) {
    if (name.startsWith(packagePath) && queued.add(name)) {
      open.push(name);
    }
  }

  private void scanClass(String name) {
    try (InputStream in = provider.getResourceAsStream("/" + name + ".class")) {
      if (in != null) {
        new ClassFile(name, new DataInputStream(new ByteArrayInputStream(in.readAllBytes())))
            .read();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the class file of " + name, e);
    }
  }

  /** One class file, read from front to back. */
  private final class ClassFile {
    private final String name;
    private final DataInputStream in;
    private String[] texts = new String[0];

    ClassFile(String name, DataInputStream in) {
      this.name = name.replace('/', '.');
      this.in = in;
    }

    void read() throws IOException {
      if (in.readInt() != MAGIC) {
        throw new IOException("not a class file");
      }
      in.readInt(); // version
      readConstants();
      in.readUnsignedShort(); // access
      in.readUnsignedShort(); // this class
      in.readUnsignedShort(); // super class
      in.skipNBytes(2L * in.readUnsignedShort()); // interfaces
      for (int left = in.readUnsignedShort(); left > 0; left--) {
        readField();
      }
      for (int left = in.readUnsignedShort(); left > 0; left--) {
        readMethod();
      }
    }

    private void readConstants() throws IOException {
      int count = in.readUnsignedShort();
      texts = new String[count];
      List<Integer> classes = new ArrayList<>();
      for (int i = 1; i < count; i++) {
        int tag = in.readUnsignedByte();
        switch (tag) {
          case 1 -> texts[i] = in.readUTF();
          case 7 -> classes.add(in.readUnsignedShort());
          case 3, 4, 9, 10, 11, 12, 17, 18 -> in.readInt();
          case 5, 6 -> {
            in.readLong();
            i++; // takes two entries
          }
          case 8, 16, 19, 20 -> in.readUnsignedShort();
          case 15 -> in.skipNBytes(3);
          default -> throw new IOException("constant of unknown kind " + tag);
        }
      }
      for (int index : classes) {
        named(texts[index]);
      }
    }

    private void named(String type) {
      follow(type);
      if (type.startsWith("java/util/concurrent/locks/")) {
        found.add(name + " uses " + type.replace('/', '.') + "; take a KernelLock");
      }
    }

    private void readField() throws IOException {
      int access = in.readUnsignedShort();
      String field = texts[in.readUnsignedShort()];
      String type = texts[in.readUnsignedShort()];
      if (Modifier.isStatic(access) && !Modifier.isFinal(access) && !field.startsWith("$")) {
        found.add(name + "." + field + " is static and not final");
      }
      if (type.contains("Ljava/lang/ThreadLocal;")) {
        found.add(name + "." + field + " is a thread local");
      }
      skipAttributes();
    }

    private void readMethod() throws IOException {
      int access = in.readUnsignedShort();
      String method = texts[in.readUnsignedShort()];
      in.readUnsignedShort(); // descriptor
      if ((access & ACC_SYNCHRONIZED) != 0) {
        found.add(name + "." + method + " is synchronized; take a KernelLock");
      }
      for (int left = in.readUnsignedShort(); left > 0; left--) {
        String attribute = texts[in.readUnsignedShort()];
        int length = in.readInt();
        if (!attribute.equals("Code")) {
          in.skipNBytes(length);
          continue;
        }
        in.readInt(); // stack and locals
        byte[] code = in.readNBytes(in.readInt());
        if (entersMonitor(code)) {
          found.add(name + "." + method + " enters a monitor; take a KernelLock");
        }
        in.skipNBytes(8L * in.readUnsignedShort()); // exception table
        skipAttributes();
      }
    }

    private void skipAttributes() throws IOException {
      for (int left = in.readUnsignedShort(); left > 0; left--) {
        in.readUnsignedShort();
        in.skipNBytes(in.readInt());
      }
    }
  }

  private static boolean entersMonitor(byte[] code) {
    int at = 0;
    while (at < code.length) {
      int opcode = code[at] & 0xff;
      if (opcode == MONITORENTER) {
        return true;
      }
      at += instructionBytes(code, at, opcode);
    }
    return false;
  }

  private static int instructionBytes(byte[] code, int at, int opcode) {
    int aligned = (at + 4) & ~3;
    return switch (opcode) {
      case TABLESWITCH ->
          aligned + 12 + 4 * (int4(code, aligned + 8) - int4(code, aligned + 4) + 1) - at;
      case LOOKUPSWITCH -> aligned + 8 + 8 * int4(code, aligned + 4) - at;
      case WIDE -> (code[at + 1] & 0xff) == IINC ? 6 : 4;
      default -> LENGTHS.charAt(opcode) - '0';
    };
  }

  private static int int4(byte[] code, int at) {
    return (code[at] & 0xff) << 24
        | (code[at + 1] & 0xff) << 16
        | (code[at + 2] & 0xff) << 8
        | (code[at + 3] & 0xff);
  }
}
