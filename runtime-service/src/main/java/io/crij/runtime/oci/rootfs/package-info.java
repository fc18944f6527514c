/**
 * What is looked up in a container's root file system before it runs: users, groups, the working
 * directory. The files belong to strangers: nothing is opened but below the root, and every read
 * has a limit.
 */
@NullMarked
package io.crij.runtime.oci.rootfs;

import org.jspecify.annotations.NullMarked;
