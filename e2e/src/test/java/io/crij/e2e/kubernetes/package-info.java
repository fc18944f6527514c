/**
 * CRI-J below a real kubelet and a real Kubernetes, as its users have it. {@link
 * io.crij.e2e.kubernetes.Cluster} is a one-node cluster on loopback; what runs on it stands in
 * {@code src/test/resources/kubernetes}. {@code make test-kubernetes} runs these tests, and nothing
 * else does: their programs take long to build.
 */
@NullMarked
package io.crij.e2e.kubernetes;

import org.jspecify.annotations.NullMarked;
