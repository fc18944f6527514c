/**
 * Namespaces of pods: made by a thread that leaves the program's own, and kept by a bind mount.
 *
 * <p>A thread inherits the namespaces of the thread that starts it, for ever, and a virtual thread
 * runs in those of whatever carrier it is on. So a thread that has left the program's namespaces
 * must start no other, nor wake a virtual thread, because that can start a carrier: it makes system
 * calls, wakes the one platform thread that waits for it, and ends.
 */
@NullMarked
package io.crij.linux.namespace;

import org.jspecify.annotations.NullMarked;
