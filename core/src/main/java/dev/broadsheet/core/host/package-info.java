/**
 * The host's memory: frames, the files and mappings that guests get them from, and what is written
 * in them.
 *
 * <p>{@link dev.broadsheet.core.host.HostMemory} hands out frames, {@link
 * dev.broadsheet.core.host.GuestMemfd} keeps private pages, {@link
 * dev.broadsheet.core.host.SharedBacking} is the user-space mapping behind shared pages and tells
 * the MMU when it changes. Results that carry a frame, its order and a permission are packed in a
 * {@code long}, see {@link dev.broadsheet.core.host.HostPage}, so that faults allocate nothing.
 *
 * <p>None of this is state of a strategy or of the MMU, so it lives in ordinary Java memory and is
 * never counted.
 */
@NullMarked
package dev.broadsheet.core.host;

import org.jspecify.annotations.NullMarked;
