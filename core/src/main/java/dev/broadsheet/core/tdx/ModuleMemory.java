package dev.broadsheet.core.tdx;

/**
 * Which memory of a machine is the model's own: what the TDX module keeps in pages that it was
 * given, and the content of pages.
 *
 * <p>The model takes it from the same {@code KernelMemory} as all else, under labels of its own.
 * The kernel neither allocates nor touches it, so it is in no total of the kernel's and does not
 * run dry with the kernel's.
 */
public final class ModuleMemory {
  private ModuleMemory() {}

  /** Returns whether memory under {@code label} is the model's own. */
  public static boolean holds(String label) {
    return label.startsWith("pamt.") || label.startsWith("sept.") || label.startsWith("model.");
  }

  /** Returns whether the host's kernel allocates what stands under {@code label}. */
  public static boolean isKernels(String label) {
    return !holds(label);
  }
}
