/**
 * Programs that OCI runtimes run beside containers (runtime-spec, config.md, "POSIX-platform
 * Hooks"), by the files of an administrator, oci-hooks(5). The files are read for each container.
 */
@NullMarked
package io.crij.runtime.hooks;

import org.jspecify.annotations.NullMarked;
