package io.crij.server.admin;

import io.crij.admin.v1.AdminServiceGrpc;
import io.crij.image.service.ImageService;
import io.crij.server.rpc.Verbs;
import io.grpc.ServerServiceDefinition;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;

/** {@code crij.admin.v1.AdminService}. */
@Singleton
public final class AdminVerbs {
  private final ImportImage importImage;
  private final PullImage pullImage;
  private final Info info;
  private final Shutdown shutdown;
  private final UpgradeMonitor upgradeMonitor;
  private final Diagnosis diagnosis;
  private final Provider<ImageService> images;

  /** How people look into a running crijd. */
  @Singleton
  record Diagnosis(SetLog setLog, Dumps dumps) {}

  /**
   * @param images opened after the sockets; calls pass only then
   */
  AdminVerbs(
      ImportImage importImage,
      PullImage pullImage,
      Info info,
      Shutdown shutdown,
      UpgradeMonitor upgradeMonitor,
      Diagnosis diagnosis,
      Provider<ImageService> images) {
    this.importImage = importImage;
    this.pullImage = pullImage;
    this.info = info;
    this.shutdown = shutdown;
    this.upgradeMonitor = upgradeMonitor;
    this.diagnosis = diagnosis;
    this.images = images;
  }

  /** The service for a gRPC server. */
  public ServerServiceDefinition bind() {
    return new Verbs(AdminServiceGrpc.getServiceDescriptor())
        .on(AdminServiceGrpc.getImportImageMethod(), importImage::importImage)
        .onStream(AdminServiceGrpc.getPullImageMethod(), pullImage::pullImage)
        .on(AdminServiceGrpc.getPruneImagesMethod(), r -> images.get().admin().pruneImages(r))
        .on(
            AdminServiceGrpc.getExportImagesMethod(),
            r -> images.get().admin().exportImages(r, NodePath.of(r.getPath())))
        .on(AdminServiceGrpc.getPushImageMethod(), r -> images.get().admin().pushImage(r))
        .on(AdminServiceGrpc.getTagImageMethod(), r -> images.get().admin().tagImage(r))
        .on(AdminServiceGrpc.getImageHistoryMethod(), r -> images.get().admin().imageHistory(r))
        .on(AdminServiceGrpc.getListArtifactsMethod(), r -> images.get().admin().listArtifacts(r))
        .on(AdminServiceGrpc.getCheckImagesMethod(), r -> images.get().admin().checkImages(r))
        .on(AdminServiceGrpc.getDiskUsageMethod(), r -> images.get().admin().diskUsage(r))
        .on(AdminServiceGrpc.getInfoMethod(), info::info)
        .on(AdminServiceGrpc.getShutdownMethod(), shutdown::shutdown)
        .on(AdminServiceGrpc.getUpgradeMonitorMethod(), upgradeMonitor::upgradeMonitor)
        .on(AdminServiceGrpc.getSetLogMethod(), diagnosis.setLog()::setLog)
        .on(AdminServiceGrpc.getDumpThreadsMethod(), diagnosis.dumps()::threads)
        .on(AdminServiceGrpc.getDumpHeapMethod(), diagnosis.dumps()::heap)
        .bind();
  }
}
