package io.crij.server.cri;

import io.crij.cri.v1.Image;
import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ImageStatusRequest;
import io.crij.cri.v1.ImageStatusResponse;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.ListImagesResponse;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.PullImageResponse;
import io.crij.cri.v1.RemoveImageRequest;
import io.crij.cri.v1.RemoveImageResponse;
import io.crij.cri.v1.StreamImagesRequest;
import io.crij.cri.v1.StreamImagesResponse;
import io.crij.image.ImageException;
import io.crij.image.service.ImageService;
import io.crij.server.config.ServerConfig;
import io.crij.server.rpc.Verbs;
import io.grpc.ServerServiceDefinition;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.stream.Stream;

/** {@code runtime.v1.ImageService}. */
@Singleton
public final class ImageVerbs {
  private final Provider<ImageService> images;
  private final Set<String> handlers;
  private final int mostReplyBytes;

  /**
   * @param images opened after the sockets; calls pass only then
   */
  ImageVerbs(Provider<ImageService> images, ServerConfig config) {
    this.images = images;
    this.handlers = config.runtime().runtimes().keySet();
    this.mostReplyBytes = config.socket().mostReplyBytes();
  }

  /** The service for a gRPC server. */
  public ServerServiceDefinition bind() {
    return new Verbs(ImageServiceGrpc.getServiceDescriptor(), mostReplyBytes)
        .on(ImageServiceGrpc.getListImagesMethod(), this::listImages)
        .onItems(
            ImageServiceGrpc.getStreamImagesMethod(),
            this::streamImages,
            batch -> StreamImagesResponse.newBuilder().addAllImages(batch).build())
        .on(ImageServiceGrpc.getImageStatusMethod(), this::imageStatus)
        .onUntilLeft(ImageServiceGrpc.getPullImageMethod(), this::pullImage)
        .on(ImageServiceGrpc.getRemoveImageMethod(), this::removeImage)
        .on(ImageServiceGrpc.getImageFsInfoMethod(), request -> images.get().imageFsInfo(request))
        .bind();
  }

  private ListImagesResponse listImages(ListImagesRequest request) {
    requireHandler(request.getFilter().getImage());
    return images.get().listImages(request);
  }

  private Stream<Image> streamImages(StreamImagesRequest request) {
    requireHandler(request.getFilter().getImage());
    return images.get().images(request.getFilter());
  }

  private ImageStatusResponse imageStatus(ImageStatusRequest request) {
    requireHandler(request.getImage());
    return images.get().imageStatus(request);
  }

  private PullImageResponse pullImage(PullImageRequest request) {
    requireHandler(request.getImage());
    return images.get().pullImage(request);
  }

  private RemoveImageResponse removeImage(RemoveImageRequest request) {
    requireHandler(request.getImage());
    return images.get().removeImage(request);
  }

  /** Images are the same for all handlers; one that nobody configured is a mistake. */
  private void requireHandler(ImageSpec image) {
    String handler = image.getRuntimeHandler();
    if (!handler.isEmpty() && !handlers.contains(handler)) {
      throw new ImageException.InvalidArgument(
          "image.runtime_handler: unknown runtime handler '%s' of image '%s'"
              .formatted(handler, image.getImage()));
    }
  }
}
