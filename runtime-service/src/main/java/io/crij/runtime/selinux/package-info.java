/**
 * SELinux: labels of the processes and files of pods, each pod with categories of its own, and of
 * what their containers mount (selinux(8), container_selinux(8)).
 */
@NullMarked
package io.crij.runtime.selinux;

import org.jspecify.annotations.NullMarked;
