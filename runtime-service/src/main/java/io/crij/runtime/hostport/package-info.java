/**
 * Ports of the node that lead to pods, where no plugin of the network sees to it: by address
 * translation in the kernel, and where that cannot be by a process that listens. Both go on while
 * crijd is down.
 */
@NullMarked
package io.crij.runtime.hostport;

import org.jspecify.annotations.NullMarked;
