/**
 * The commands {@code broadsheet tdx ...}: what the TDX module model does, for people and tools.
 */
@NullMarked
package dev.broadsheet.lab.cli.tdx;

import org.jspecify.annotations.NullMarked;
