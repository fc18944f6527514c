/**
 * Pod sandboxes: their records, and what each has on the node: a folder with its resolv.conf, hosts
 * and hostname, its /dev/shm, and its pinned namespaces.
 */
@NullMarked
package io.crij.runtime.sandbox;

import org.jspecify.annotations.NullMarked;
