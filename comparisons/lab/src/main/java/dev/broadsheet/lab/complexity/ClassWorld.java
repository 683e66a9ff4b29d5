package dev.broadsheet.lab.complexity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * The class files that a strategy is made of: all that its provider names, directly or by way of
 * others, but for the JDK's, the SPI's and the machine's. {@code api.support} belongs to it: it is
 * part of the SPI's JAR, and yet what stands there is code that a design would have to have.
 */
final class ClassWorld {
  private static final String SUPPORT = "dev/broadsheet/api/support/";

  /** What a strategy may name without being made of it. */
  private static final List<String> OUTSIDE =
      List.of(
          "java/",
          "javax/",
          "jdk/",
          "org/jspecify/",
          "com/google/auto/",
          "com/google/errorprone/",
          "dev/broadsheet/api/",
          "dev/broadsheet/core/");

  private final ClassLoader loader;
  private final Map<String, ClassNode> classes = new TreeMap<>();

  private ClassWorld(ClassLoader loader) {
    this.loader = loader;
  }

  /**
   * Reads the class files, from a provider on.
   *
   * @throws IllegalStateException if one cannot be found
   */
  static ClassWorld of(Class<?> provider) {
    ClassLoader loader = provider.getClassLoader();
    ClassWorld world = new ClassWorld(loader == null ? ClassLoader.getSystemClassLoader() : loader);
    Deque<String> open = new ArrayDeque<>();
    open.add(name(provider));
    while (!open.isEmpty()) {
      String name = open.remove();
      if (isInside(name) && !world.classes.containsKey(name)) {
        open.addAll(world.read(name));
      }
    }
    return world;
  }

  static String name(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  private static boolean isInside(String name) {
    return isSupport(name) || OUTSIDE.stream().noneMatch(name::startsWith);
  }

  static boolean isSupport(String name) {
    return name.startsWith(SUPPORT);
  }

  /** Reads one class and returns the types that it names. */
  private Set<String> read(String name) {
    Set<String> named = new LinkedHashSet<>();
    try (InputStream in = loader.getResourceAsStream(name + ".class")) {
      if (in == null) {
        throw new IllegalStateException("no class file of " + name.replace('/', '.'));
      }
      ClassReader reader = new ClassReader(in);
      ClassNode node = new ClassNode();
      reader.accept(node, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
      classes.put(name, node);
      Remapper names =
          new Remapper(Opcodes.ASM9) {
            @Override
            public String map(String type) {
              named.add(type);
              return type;
            }
          };
      node.accept(new ClassRemapper(new ClassNode(), names));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the class file of " + name, e);
    }
    return named;
  }

  /** Returns the classes, by name. */
  Collection<ClassNode> classes() {
    return classes.values();
  }

  /** Returns a class, or null if it is not of this world. */
  @Nullable ClassNode find(String name) {
    return classes.get(name);
  }

  /** Returns a method as the virtual machine finds it: in the class, else in what it extends. */
  @Nullable Method resolve(String type, String name, String descriptor) {
    for (String each : lineage(type)) {
      Method method = declared(each, name, descriptor);
      if (method != null) {
        return method;
      }
    }
    return null;
  }

  /** Returns a method that a class itself declares. */
  @Nullable Method declared(String type, String name, String descriptor) {
    ClassNode node = classes.get(type);
    if (node == null) {
      return null;
    }
    for (MethodNode method : node.methods) {
      if (method.name.equals(name) && method.desc.equals(descriptor)) {
        return new Method(node, method);
      }
    }
    return null;
  }

  /** Returns a type and all that it extends and implements, those of other worlds included. */
  List<String> lineage(String type) {
    Set<String> all = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(type));
    while (!open.isEmpty()) {
      String name = open.remove();
      ClassNode node = all.add(name) ? classes.get(name) : null;
      if (node != null) {
        if (node.superName != null) {
          open.add(node.superName);
        }
        open.addAll(node.interfaces);
      }
    }
    return new ArrayList<>(all);
  }

  /** A method and the class that declares it. */
  record Method(ClassNode owner, MethodNode code) {
    String key() {
      return owner.name + "." + code.name + code.desc;
    }
  }
}
