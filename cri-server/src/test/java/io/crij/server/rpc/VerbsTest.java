package io.crij.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.cri.v1.RuntimeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import org.junit.jupiter.api.Test;

final class VerbsTest {
  @Test
  void bindsEveryRpcOfTheCri() {
    ServerServiceDefinition runtime = new Verbs(RuntimeServiceGrpc.getServiceDescriptor()).bind();
    ServerServiceDefinition images = new Verbs(ImageServiceGrpc.getServiceDescriptor()).bind();

    assertThat(runtime.getMethods().size() + images.getMethods().size()).isEqualTo(43);
    assertThat(runtime.getMethods())
        .extracting(method -> method.getMethodDescriptor().getFullMethodName())
        .containsExactlyInAnyOrderElementsOf(
            RuntimeServiceGrpc.getServiceDescriptor().getMethods().stream()
                .map(MethodDescriptor::getFullMethodName)
                .toList());
  }
}
