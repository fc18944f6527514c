/**
 * The one thread that moves all streams: an edge-triggered epoll loop with timers and tasks from
 * other threads.
 */
@NullMarked
package io.crij.monitor.loop;

import org.jspecify.annotations.NullMarked;
