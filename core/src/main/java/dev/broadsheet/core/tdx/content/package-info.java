/** What private pages hold, whose key wrote it, and what stale or foreign content is found. */
@NullMarked
package dev.broadsheet.core.tdx.content;

import org.jspecify.annotations.NullMarked;
