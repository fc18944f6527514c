/**
 * Ports of the node that lead elsewhere through sockets of ours: where the kernel cannot do it. On
 * a thread of its own, so that no log waits for a network.
 */
@NullMarked
package io.crij.monitor.forward;

import org.jspecify.annotations.NullMarked;
