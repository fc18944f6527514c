/** Network interfaces of other network namespaces, by rtnetlink(7). */
@NullMarked
package io.crij.linux.netlink;

import org.jspecify.annotations.NullMarked;
