/**
 * Mounts by the kernel's new mount API (fsopen, fsconfig, fsmount, open_tree, move_mount,
 * mount_setattr): whole before they can be seen, and with errors in the kernel's own words.
 *
 * <p>{@link io.crij.linux.mount.Mounts} makes and takes away, {@link
 * io.crij.linux.mount.MountTable} reads what there is.
 */
@NullMarked
package io.crij.linux.mount;

import org.jspecify.annotations.NullMarked;
