/**
 * Strategies by id: loading them strictly, and running one without a machine.
 *
 * <p>Core never names a strategy; it meets them through {@code ServiceLoader} only.
 */
@NullMarked
package dev.broadsheet.core.strategy;

import org.jspecify.annotations.NullMarked;
