/**
 * Seccomp filters (runtime-spec, config-linux.md, "Seccomp"): the runtime's default and profiles
 * from files of the node.
 */
@NullMarked
package io.crij.runtime.oci.seccomp;

import org.jspecify.annotations.NullMarked;
