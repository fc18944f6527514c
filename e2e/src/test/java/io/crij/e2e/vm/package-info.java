/**
 * The Debian package in a virtual machine: systemd as init, cgroup v2, AppArmor, and Debian's older
 * kernel. {@link io.crij.e2e.vm.Machine} runs it by emulation; what is done in it stands in {@code
 * src/test/resources/vm}. {@code make test-vm} runs this test, and nothing else does: it takes
 * long.
 */
@NullMarked
package io.crij.e2e.vm;

import org.jspecify.annotations.NullMarked;
