package io.crij.server.admin;

import io.crij.admin.v1.AdminServiceGrpc;
import io.crij.server.rpc.Verbs;
import io.grpc.ServerServiceDefinition;
import jakarta.inject.Singleton;

/** {@code crij.admin.v1.AdminService}. */
@Singleton
public final class AdminVerbs {
  private final ImportImage importImage;
  private final Info info;
  private final Shutdown shutdown;

  AdminVerbs(ImportImage importImage, Info info, Shutdown shutdown) {
    this.importImage = importImage;
    this.info = info;
    this.shutdown = shutdown;
  }

  /** The service for a gRPC server. */
  public ServerServiceDefinition bind() {
    return new Verbs(AdminServiceGrpc.getServiceDescriptor())
        .on(AdminServiceGrpc.getImportImageMethod(), importImage::importImage)
        .on(AdminServiceGrpc.getInfoMethod(), info::info)
        .on(AdminServiceGrpc.getShutdownMethod(), shutdown::shutdown)
        .bind();
  }
}
