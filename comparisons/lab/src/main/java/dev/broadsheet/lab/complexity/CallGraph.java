package dev.broadsheet.lab.complexity;

import dev.broadsheet.lab.complexity.ClassWorld.Method;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;

/**
 * Which methods of a world are reached from which. A call may arrive at every method of the world
 * that overrides the one named (class-hierarchy analysis), a lambda's body at whoever makes the
 * lambda; an object that foreign code calls back is called back where it is made.
 */
final class CallGraph {
  private final ClassWorld world;
  private final Map<String, Method> reached = new TreeMap<>();
  private final Deque<Method> open = new ArrayDeque<>();

  CallGraph(ClassWorld world) {
    this.world = world;
  }

  /** Adds a method and all that it reaches. */
  void enter(Method method) {
    add(method);
    while (!open.isEmpty()) {
      follow(open.remove());
    }
  }

  /** Returns what is reached, by class, name and descriptor. */
  Map<String, Method> reached() {
    return reached;
  }

  private void add(@Nullable Method method) {
    if (method != null && reached.putIfAbsent(method.key(), method) == null) {
      open.add(method);
    }
  }

  private void follow(Method method) {
    for (AbstractInsnNode each : method.code().instructions) {
      if (each instanceof MethodInsnNode call) {
        called(call.owner, call.name, call.desc, call.getOpcode());
      } else if (each instanceof InvokeDynamicInsnNode dynamic) {
        for (Object argument : dynamic.bsmArgs) {
          if (argument instanceof Handle handle) {
            called(handle.getOwner(), handle.getName(), handle.getDesc(), Opcodes.INVOKEVIRTUAL);
          }
        }
      } else if (each instanceof FieldInsnNode field && field.getOpcode() == Opcodes.GETSTATIC) {
        add(world.declared(field.owner, "<clinit>", "()V"));
      } else if (each instanceof TypeInsnNode made && made.getOpcode() == Opcodes.NEW) {
        add(world.declared(made.desc, "<clinit>", "()V"));
        calledBack(made.desc);
      }
    }
  }

  private void called(String owner, String name, String descriptor, int opcode) {
    add(world.resolve(owner, name, descriptor));
    if (opcode == Opcodes.INVOKESTATIC) {
      add(world.declared(owner, "<clinit>", "()V"));
    } else if (opcode != Opcodes.INVOKESPECIAL && !name.equals("<init>")) {
      for (ClassNode node : world.classes()) {
        if (!node.name.equals(owner) && world.lineage(node.name).contains(owner)) {
          add(world.resolve(node.name, name, descriptor));
        }
      }
    }
  }

  /** What foreign code may call on an object of the world; the SPI's entries are told apart. */
  private void calledBack(String type) {
    ClassNode node = world.find(type);
    if (node == null || !isForeign(type)) {
      return;
    }
    for (MethodNode method : node.methods) {
      boolean visible = (method.access & (Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED)) != 0;
      boolean instance = (method.access & Opcodes.ACC_STATIC) == 0 && !method.name.equals("<init>");
      if (visible && instance && !isEntry(type, method.name)) {
        add(new Method(node, method));
      }
    }
  }

  /** Whether foreign code knows the type by an interface or class that is not the SPI's entry. */
  private boolean isForeign(String type) {
    return world.lineage(type).stream()
        .anyMatch(
            each ->
                world.find(each) == null
                    && !each.equals("java/lang/Object")
                    && !each.equals("java/lang/Record")
                    && !each.equals("java/lang/Enum")
                    && !each.equals("java/lang/AutoCloseable")
                    && !Concern.entries().containsKey(each));
  }

  private boolean isEntry(String type, String method) {
    return world.lineage(type).stream().anyMatch(each -> Concern.of(each, method) != null);
  }
}
