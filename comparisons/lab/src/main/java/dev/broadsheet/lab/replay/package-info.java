/**
 * Replays operation scripts and compares the answers with those that real kernel code gave.
 *
 * <p>Two formats are known by their first line: {@code vec 1 CONVENTION} (attributes, large-page
 * words and the memory of the kernel's tree) and {@code script NAME} (calls to a real KVM and what
 * its page tables did). {@link dev.broadsheet.lab.replay.Replay} is the door.
 */
@NullMarked
package dev.broadsheet.lab.replay;

import org.jspecify.annotations.NullMarked;
