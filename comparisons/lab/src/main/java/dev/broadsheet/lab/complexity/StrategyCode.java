package dev.broadsheet.lab.complexity;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import dev.broadsheet.lab.complexity.ClassWorld.Method;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;

/**
 * The code of a strategy, by concern.
 *
 * @param concerns code reached from each concern's entries; what two share is in both
 * @param packages code of the design by the Java package that it lives in
 * @param design code reached from any concern but the audit, each method once
 * @param support what of that is {@code api.support}, where parts stand that many designs need
 * @param mmuCalls operations of the MMU's page tables that the design's code calls, by name
 */
public record StrategyCode(
    ImmutableMap<Concern, CodeSize> concerns,
    ImmutableSortedMap<String, CodeSize> packages,
    CodeSize design,
    CodeSize support,
    ImmutableSet<String> mmuCalls) {
  private static final String PAGE_TABLES = "dev/broadsheet/api/PageTables";

  /**
   * Reads a strategy's class files.
   *
   * @param provider the class of the strategy
   * @throws IllegalStateException if a class file cannot be found
   */
  public static StrategyCode of(Class<?> provider) {
    ClassWorld world = ClassWorld.of(provider);
    Map<Concern, CallGraph> graphs = new EnumMap<>(Concern.class);
    for (Concern concern : Concern.values()) {
      graphs.put(concern, new CallGraph(world));
    }
    for (ClassNode node : world.classes()) {
      for (String type : world.lineage(node.name)) {
        for (MethodNode method : node.methods) {
          Concern concern = Concern.of(type, method.name);
          if (concern != null && (method.access & Opcodes.ACC_STATIC) == 0) {
            graphs
                .computeIfAbsent(concern, unseen -> new CallGraph(world))
                .enter(new Method(node, method));
          }
        }
      }
    }
    ImmutableMap.Builder<Concern, CodeSize> concerns = ImmutableMap.builder();
    Map<String, Method> design = new LinkedHashMap<>();
    graphs.forEach(
        (concern, graph) -> {
          concerns.put(concern, size(graph.reached().values(), method -> true));
          if (concern != Concern.AUDIT) {
            design.putAll(graph.reached());
          }
        });
    ImmutableSortedMap.Builder<String, CodeSize> packages = ImmutableSortedMap.naturalOrder();
    design.values().stream()
        .map(StrategyCode::packageOf)
        .distinct()
        .forEach(
            name ->
                packages.put(
                    name, size(design.values(), method -> packageOf(method).equals(name))));
    return new StrategyCode(
        concerns.buildOrThrow(),
        packages.buildOrThrow(),
        size(design.values(), method -> true),
        size(design.values(), method -> ClassWorld.isSupport(method.owner().name)),
        mmuCalls(design.values()));
  }

  private static String packageOf(Method method) {
    String name = method.owner().name;
    return name.substring(0, Math.max(0, name.lastIndexOf('/'))).replace('/', '.');
  }

  private static CodeSize size(Collection<Method> methods, Predicate<Method> counts) {
    Set<String> classes = new TreeSet<>();
    long count = 0;
    long branches = 0;
    long instructions = 0;
    for (Method method : methods) {
      if ((method.code().access & (Opcodes.ACC_BRIDGE | Opcodes.ACC_ABSTRACT)) != 0
          || !counts.test(method)) {
        continue;
      }
      classes.add(method.owner().name);
      count++;
      for (AbstractInsnNode each : method.code().instructions) {
        branches += branches(each);
        instructions += each.getOpcode() >= 0 ? 1 : 0;
      }
    }
    return new CodeSize(classes.size(), count, branches, instructions);
  }

  private static int branches(AbstractInsnNode instruction) {
    if (instruction instanceof JumpInsnNode) {
      return instruction.getOpcode() == Opcodes.GOTO ? 0 : 1;
    }
    if (instruction instanceof TableSwitchInsnNode cases) {
      return (int) cases.labels.stream().filter(label -> label != cases.dflt).count();
    }
    return instruction instanceof LookupSwitchInsnNode cases ? cases.labels.size() : 0;
  }

  private static ImmutableSet<String> mmuCalls(Collection<Method> methods) {
    Set<String> calls = new TreeSet<>();
    for (Method method : methods) {
      for (AbstractInsnNode each : method.code().instructions) {
        if (each instanceof MethodInsnNode call
            && (call.owner.equals(PAGE_TABLES) || call.owner.startsWith(PAGE_TABLES + "$"))
            && !call.name.equals("values")
            && !call.name.equals("ordinal")) {
          calls.add(
              call.owner.substring(call.owner.lastIndexOf('/') + 1).replace('$', '.')
                  + "."
                  + call.name);
        }
      }
    }
    return ImmutableSet.copyOf(calls);
  }

  /** Returns the code of one concern. */
  public CodeSize of(Concern concern) {
    CodeSize size = concerns.get(concern);
    return size == null ? CodeSize.NONE : size;
  }
}
