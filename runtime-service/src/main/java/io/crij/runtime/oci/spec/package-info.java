/**
 * The OCI runtime configuration (runtime-spec, config.json) of a container, by parts: each class
 * makes one part from the request, the image, the pod and the facts of the node.
 *
 * <p>What a request asks for and this version cannot do is refused by the name of its field; only
 * what the node itself lacks (AppArmor, SELinux, a cgroup controller) is accepted without effect.
 */
@NullMarked
package io.crij.runtime.oci.spec;

import org.jspecify.annotations.NullMarked;
