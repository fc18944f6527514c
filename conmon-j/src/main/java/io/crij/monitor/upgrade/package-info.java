/**
 * Another program in the monitor's place, in the same process: proven before, at rest between two
 * chunks of output, with every descriptor handed over by its number.
 */
@NullMarked
package io.crij.monitor.upgrade;

import org.jspecify.annotations.NullMarked;
