/** A trust domain: life cycle, operation state, vCPUs, TLB tracking epochs, keys, measurement. */
@NullMarked
package dev.broadsheet.core.tdx.td;

import org.jspecify.annotations.NullMarked;
