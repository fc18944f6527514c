/**
 * Proves that a test leaves the machine as it found it.
 *
 * <p>{@link io.crij.linux.testing.LeavesNoTrace} is a JUnit extension: it looks before and after
 * each test and fails the test for everything new. Tests that touch the kernel or start programs
 * carry it:
 *
 * <pre>{@code
 * @ExtendWith(LeavesNoTrace.class)
 * final class RunPodSandboxKernelTest {
 *   @Test
 *   void pinsTheNamespaces(PrivateRoot home) { … home.runroot() … }
 * }
 * }</pre>
 *
 * <p>What counts as ours, so that several test runs can share a machine:
 *
 * <ul>
 *   <li>mounts whose point, root, source or options name the test's {@link
 *       io.crij.linux.testing.PrivateRoot};
 *   <li>processes that descend from this JVM, or carry its {@code CRIJ_TEST_ID} in their
 *       environment (the build sets one for each JVM that runs tests; children inherit it), or name
 *       the private root in their command line or working folder, or have their root file system in
 *       it, or live in its cgroup; zombies among them too;
 *   <li>descriptors of this JVM that hold a namespace, a process or a terminal, and threads of this
 *       JVM in other namespaces than before;
 *   <li>cgroups named {@link io.crij.linux.testing.PrivateRoot#cgroup()}, links whose name begins
 *       with {@link io.crij.linux.testing.PrivateRoot#networkName()} or that are ports of such a
 *       bridge, firewall rules that mention it;
 *   <li>sockets in the private root, and addresses that host-local has reserved in a folder there
 *       named {@link io.crij.linux.testing.PrivateRoot#networkName()}. Other files are deleted with
 *       the root.
 * </ul>
 *
 * <p>With {@code CRIJ_TEST_ALONE=1} in the environment the machine is taken to be ours alone: every
 * new mount, link, cgroup, firewall rule, address reservation and every new file in the folders a
 * node shares counts as well.
 *
 * <p>What ends by itself shortly after a test (a process that is being torn down) has thirty
 * seconds. What is left then fails the test and is tidied away, so that the next test starts clean.
 */
@NullMarked
package io.crij.linux.testing;

import org.jspecify.annotations.NullMarked;
