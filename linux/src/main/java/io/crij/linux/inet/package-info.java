/** Sockets of the internet protocols that never wait, for a thread that waits in epoll(7). */
@NullMarked
package io.crij.linux.inet;

import org.jspecify.annotations.NullMarked;
