/**
 * Descriptors and what moves through them: pipes looked into before they are emptied,
 * edge-triggered epoll, unix stream sockets that carry frames and descriptors, files mapped to
 * outlive a process.
 *
 * <p>Calls do not block unless their Javadoc says so. Those that would block return -1, those that
 * fail throw {@link io.crij.linux.LinuxException}.
 */
@NullMarked
package io.crij.linux.io;

import org.jspecify.annotations.NullMarked;
