/**
 * AppArmor profiles of containers (runtime-spec, config.md, "apparmorProfile"): the one a request
 * asks for, and our own, which is given to the kernel when it is not there.
 */
@NullMarked
package io.crij.runtime.oci.apparmor;

import org.jspecify.annotations.NullMarked;
