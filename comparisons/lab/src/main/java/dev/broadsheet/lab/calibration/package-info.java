/**
 * How close the preset {@code boot-td-4g} comes to the figures that were published of the guest it
 * imitates, and to a recorded guest: what was put in, what was fitted, and what the machine
 * predicts.
 */
@NullMarked
package dev.broadsheet.lab.calibration;

import org.jspecify.annotations.NullMarked;
