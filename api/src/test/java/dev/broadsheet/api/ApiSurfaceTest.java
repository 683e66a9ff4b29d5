package dev.broadsheet.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The public face of this module is a committed text, {@code api/api-surface.txt}: a change of the
 * SPI is a visible diff. {@code mvn -pl api test -Dtest=ApiSurfaceTest -Dsurface.update=true}
 * writes it anew.
 */
class ApiSurfaceTest {
  private static final Path COMMITTED = Path.of("api-surface.txt");

  @Test
  void surface_isWhatWasCommitted() throws Exception {
    String found = surface();
    if (Boolean.getBoolean("surface.update")) {
      Files.writeString(COMMITTED, found);
    }

    assertThat(found)
        .as("public surface; see this test's comment on how to accept a change")
        .isEqualTo(Files.readString(COMMITTED));
  }

  @Test
  void surface_namesNoTypeFromOutsideTheJdkAndThisModule() throws Exception {
    for (Class<?> type : publicTypes()) {
      for (Method method : type.getDeclaredMethods()) {
        List<Class<?>> named = new ArrayList<>(Arrays.asList(method.getParameterTypes()));
        named.add(method.getReturnType());
        assertThat(named)
            .as("%s.%s", type.getName(), method.getName())
            .allMatch(
                each ->
                    each.isPrimitive()
                        || each.isArray()
                        || each.getName().startsWith("java.")
                        || each.getName().startsWith("dev.broadsheet.api."));
      }
    }
  }

  private static String surface() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Class<?> type : publicTypes()) {
      text.append(header(type)).append('\n');
      TreeSet<String> members = new TreeSet<>();
      for (Field field : type.getDeclaredFields()) {
        if (isPublic(field)) {
          members.add(field.toGenericString());
        }
      }
      for (Constructor<?> constructor : type.getDeclaredConstructors()) {
        if (isPublic(constructor)) {
          members.add(constructor.toGenericString());
        }
      }
      for (Method method : type.getDeclaredMethods()) {
        if (isPublic(method) && !method.isSynthetic()) {
          members.add(method.toGenericString());
        }
      }
      members.forEach(member -> text.append("  ").append(member).append('\n'));
    }
    return text.toString().replace("dev.broadsheet.api.", "").replace("java.lang.", "");
  }

  private static boolean isPublic(Member member) {
    return (Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
        && !member.isSynthetic();
  }

  private static String header(Class<?> type) {
    StringBuilder text = new StringBuilder(kind(type)).append(' ').append(type.getName());
    if (type.isSealed()) {
      text.append(" permits ")
          .append(
              Arrays.stream(type.getPermittedSubclasses())
                  .map(Class::getName)
                  .collect(Collectors.joining(", ")));
    }
    Stream.concat(
            Stream.ofNullable(type.getGenericSuperclass()),
            Arrays.stream(type.getGenericInterfaces()))
        .map(parent -> parent.getTypeName())
        .filter(name -> !name.equals("java.lang.Object") && !name.startsWith("java.lang.Record"))
        .forEach(name -> text.append(" : ").append(name));
    return text.toString();
  }

  // Not Class.toGenericString(): later JDKs word it differently.
  private static String kind(Class<?> type) {
    if (type.isEnum()) {
      return "enum";
    }
    if (type.isRecord()) {
      return "record";
    }
    if (type.isInterface()) {
      return type.isSealed() ? "sealed interface" : "interface";
    }
    return (Modifier.isAbstract(type.getModifiers()) ? "abstract " : "")
        + (Modifier.isFinal(type.getModifiers()) ? "final " : "")
        + "class";
  }

  private static List<Class<?>> publicTypes() throws IOException {
    Path classes =
        Path.of(PageLevel.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(classes::relativize)
          .map(Path::toString)
          .filter(name -> name.endsWith(".class") && !name.contains("-info"))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .sorted()
          .map(ApiSurfaceTest::load)
          .filter(ApiSurfaceTest::isVisible)
          .toList();
    }
  }

  private static boolean isVisible(Class<?> type) {
    Class<?> outer = type;
    while (outer != null) {
      if (!Modifier.isPublic(outer.getModifiers())) {
        return false;
      }
      outer = outer.getEnclosingClass();
    }
    return true;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
