package dev.broadsheet.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.openjdk.jol.util.ObjectUtils;
import org.openjdk.jol.vm.VM;

/**
 * The Java heap reachable from an object but not from others, object by object; sizes are JOL's.
 * Classes, class loaders, threads, modules, enum constants and handles belong to nobody.
 */
public final class HeapWalk {
  static {
    // Lambdas and records: JOL finds their fields by layout instead of by Unsafe.
    setUnlessGiven("jol.magicFieldOffset");
    // Neither way to attach tells more about sizes, and one of them takes seconds to fail.
    setUnlessGiven("jol.skipHotspotSAAttach");
    setUnlessGiven("jol.skipDynamicAttach");
    loadQuietly();
  }

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Class<?>, List<Field>> fields = new HashMap<>();
  private final Map<String, Long> bytesByClass = new TreeMap<>();
  private long bytes;

  private HeapWalk() {}

  private static void setUnlessGiven(String property) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }

  /** JOL tells standard output, once, that it was not attached; a command's output is not its. */
  private static void loadQuietly() {
    PrintStream out = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    try {
      VM.current();
    } finally {
      System.setOut(out);
    }
  }

  /** What one object holds alone: bytes in all, and by class. */
  public record Held(long bytes, Map<String, Long> byClass) {}

  /** Returns what is reachable from {@code root} but from none of {@code others}. */
  public static Held exclusive(Object root, Object... others) {
    HeapWalk walk = new HeapWalk();
    for (Object other : others) {
      walk.visitAll(other);
    }
    walk.bytes = 0;
    walk.bytesByClass.clear();
    walk.visitAll(root);
    return new Held(walk.bytes, new TreeMap<>(walk.bytesByClass));
  }

  private void visitAll(Object root) {
    Deque<Object> open = new ArrayDeque<>();
    push(root, open);
    while (!open.isEmpty()) {
      Object object = open.pop();
      long size = VM.current().sizeOf(object);
      bytes += size;
      bytesByClass.merge(object.getClass().getName(), size, Long::sum);
      Class<?> type = object.getClass();
      if (type.isArray()) {
        if (!type.getComponentType().isPrimitive()) {
          for (int i = 0; i < Array.getLength(object); i++) {
            push(Array.get(object, i), open);
          }
        }
        continue;
      }
      for (Field field : fields.computeIfAbsent(type, HeapWalk::referenceFields)) {
        push(ObjectUtils.value(object, field), open);
      }
    }
  }

  private void push(@Nullable Object object, Deque<Object> open) {
    if (object != null && !isNobodys(object) && seen.add(object)) {
      open.push(object);
    }
  }

  private static boolean isNobodys(Object object) {
    return object instanceof Class
        || object instanceof ClassLoader
        || object instanceof Thread
        || object instanceof Module
        || object instanceof Enum
        || object instanceof MethodHandle
        || object instanceof VarHandle
        || object instanceof Reference;
  }

  private static List<Field> referenceFields(Class<?> type) {
    List<Field> found = new ArrayList<>();
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          found.add(field);
        }
      }
    }
    return found;
  }
}
