/**
 * A network configuration made from a template and the addresses of the node's pods, as containerd
 * makes one ({@code conf_template}).
 */
@NullMarked
package io.crij.runtime.cni.template;

import org.jspecify.annotations.NullMarked;
