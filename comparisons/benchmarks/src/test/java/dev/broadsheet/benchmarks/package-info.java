@NullMarked
package dev.broadsheet.benchmarks;

import org.jspecify.annotations.NullMarked;
