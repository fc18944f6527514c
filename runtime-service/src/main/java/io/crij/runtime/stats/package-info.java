/**
 * What pods and containers use of the node, told by the CRI's words.
 *
 * <p>Figures are read from the files of cgroups when somebody asks ({@link
 * io.crij.runtime.stats.Sampler}); nothing runs while nobody does.
 */
@NullMarked
package io.crij.runtime.stats;

import org.jspecify.annotations.NullMarked;
