package io.crij.server.cri;

import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.server.rpc.Verbs;
import io.grpc.ServerServiceDefinition;
import jakarta.inject.Singleton;

/** {@code runtime.v1.RuntimeService}. */
@Singleton
public final class RuntimeVerbs {
  /** The service for a gRPC server. */
  public ServerServiceDefinition bind() {
    return new Verbs(RuntimeServiceGrpc.getServiceDescriptor())
        .on(RuntimeServiceGrpc.getVersionMethod(), new Version()::version)
        .bind();
  }
}
