/**
 * The claims of 2022: what the KVM list said for and against options A to D, as data, and what runs
 * say to each.
 *
 * <pre>
 *   claims.json    posts, claims, and for each claim the comparisons of numbers that decide it
 *   Claims         reads and checks it
 *   Judge          compares, and says holds, does not hold, depends, or not measured here
 *   Dependence     finds out on what a claim depends: the one thing that tells the cases apart
 *   ClaimInputs    the fixed set of inputs and variants that a claim is checked on
 * </pre>
 *
 * <p>A post's words are its author's; how they are turned into numbers is ours, and stands beside
 * each claim as its reading.
 */
@NullMarked
package dev.broadsheet.lab.claims;

import org.jspecify.annotations.NullMarked;
