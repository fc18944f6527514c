/**
 * The Linux system calls that CRI-J needs and the JDK does not offer. The only module that touches
 * JNA.
 *
 * <p>Every failed call is a {@link io.crij.linux.LinuxException} that names the call, its object
 * and the errno.
 */
@NullMarked
package io.crij.linux;

import org.jspecify.annotations.NullMarked;
