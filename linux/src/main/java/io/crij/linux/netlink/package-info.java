/** Requests to the kernel by netlink(7), and network interfaces of other network namespaces. */
@NullMarked
package io.crij.linux.netlink;

import org.jspecify.annotations.NullMarked;
