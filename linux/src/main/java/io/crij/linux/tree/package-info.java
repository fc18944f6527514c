/**
 * Files below a root that somebody else filled: names are bytes, paths are resolved by the kernel
 * inside the root, and what is made is never reached through a link.
 *
 * <p>{@link io.crij.linux.tree.Tree} resolves, {@link io.crij.linux.tree.Directory} works on single
 * names in one open folder, {@link io.crij.linux.tree.Landlock} takes a thread the right to write
 * elsewhere.
 */
@NullMarked
package io.crij.linux.tree;

import org.jspecify.annotations.NullMarked;
