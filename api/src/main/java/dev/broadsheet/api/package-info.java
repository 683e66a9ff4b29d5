/**
 * The SPI of Broadsheet: how a design for tracking private, shared and mixed guest pages is plugged
 * in.
 *
 * <p><b>Two interfaces are to be implemented.</b> {@link TrackingStrategy} is what {@code
 * ServiceLoader} finds: stateless, named, cheap. It creates a {@link PageAttributeTracker}, the
 * state of one virtual machine, which answers three questions (what is this page, how large may it
 * be mapped, is this range uniform) and carries out conversions in the kernel's phases ({@link
 * Conversion}).
 *
 * <p><b>One object is all that a tracker may touch</b>: its {@link TrackerContext}. State lives in
 * the kernel memory that the context hands out (see {@link dev.broadsheet.api.memory}), never in
 * Java collections that grow; that is how the lab counts bytes, references and cache lines fairly,
 * fails each allocation in turn, and explores races.
 *
 * <p><b>Units.</b> A {@code gfn} is a guest frame number, a {@code pfn} a host frame number, both
 * in 4 KiB units and without the shared bit. Ranges are half open. Attributes are bits of {@link
 * PageAttributes}.
 *
 * <p><b>Rules</b> R1 to R12 stand in {@code api/CONTRACT.md}; Javadoc names the rule where one
 * applies.
 *
 * <p><b>A plug-in on one page</b>: a JAR with {@code
 * META-INF/services/dev.broadsheet.api.TrackingStrategy} (AutoService writes it) and a manifest
 * attribute {@code Broadsheet-Api} that names the major version of the SPI it was built for.
 */
@NullMarked
package dev.broadsheet.api;

import org.jspecify.annotations.NullMarked;
