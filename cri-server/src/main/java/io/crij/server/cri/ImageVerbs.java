package io.crij.server.cri;

import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.image.service.ImageService;
import io.crij.server.rpc.Verbs;
import io.grpc.ServerServiceDefinition;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;

/** {@code runtime.v1.ImageService}. */
@Singleton
public final class ImageVerbs {
  private final Provider<ImageService> images;

  /**
   * @param images opened after the sockets; calls pass only then
   */
  ImageVerbs(Provider<ImageService> images) {
    this.images = images;
  }

  /** The service for a gRPC server. */
  public ServerServiceDefinition bind() {
    return new Verbs(ImageServiceGrpc.getServiceDescriptor())
        .on(ImageServiceGrpc.getListImagesMethod(), request -> images.get().listImages(request))
        .on(ImageServiceGrpc.getImageStatusMethod(), request -> images.get().imageStatus(request))
        .onUntilLeft(
            ImageServiceGrpc.getPullImageMethod(), request -> images.get().pullImage(request))
        .on(ImageServiceGrpc.getRemoveImageMethod(), request -> images.get().removeImage(request))
        .on(ImageServiceGrpc.getImageFsInfoMethod(), request -> images.get().imageFsInfo(request))
        .bind();
  }
}
