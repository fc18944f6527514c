/**
 * Processes as the kernel knows them: spawning with nothing inherited but what is named, pidfds,
 * exit codes to whoever holds a pidfd, and the relations in {@code /proc}.
 *
 * <p>The JDK's own {@code ProcessBuilder} is not used where containers are concerned: it closes the
 * pipes of a process when that process ends, though others still write into them.
 */
@NullMarked
package io.crij.linux.process;

import org.jspecify.annotations.NullMarked;
