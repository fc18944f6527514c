/** What is mounted into a container (runtime-spec, config.md, "Mounts"). */
@NullMarked
package io.crij.runtime.oci.mounts;

import org.jspecify.annotations.NullMarked;
