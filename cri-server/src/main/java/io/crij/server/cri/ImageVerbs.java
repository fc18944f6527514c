package io.crij.server.cri;

import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.server.rpc.Verbs;
import io.grpc.ServerServiceDefinition;
import jakarta.inject.Singleton;

/** {@code runtime.v1.ImageService}. */
@Singleton
public final class ImageVerbs {
  /** The service for a gRPC server. */
  public ServerServiceDefinition bind() {
    return new Verbs(ImageServiceGrpc.getServiceDescriptor()).bind();
  }
}
