package io.crij.server.admin;

import io.crij.admin.v1.PullImageProgress;
import io.crij.admin.v1.PullImageRequest;
import io.crij.admin.v1.PulledLayer;
import io.crij.cri.v1.ImageSpec;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.PullProgress;
import io.crij.image.pull.Caller;
import io.crij.image.service.ImageService;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Pulls an image for somebody at the node, and tells how it comes on. */
@Singleton
final class PullImage {
  private static final long PAUSE_MILLIS = 200;

  private final Provider<ImageService> images;

  PullImage(Provider<ImageService> images) {
    this.images = images;
  }

  /** Answers until the image is there; an interrupt ends the pull. */
  void pullImage(PullImageRequest request, Consumer<PullImageProgress> reply) {
    AtomicReference<@Nullable PullProgress> progress = new AtomicReference<>();
    FutureTask<String> pull = new FutureTask<>(() -> pull(request.getReference(), progress));
    Thread thread = Thread.ofVirtual().name("admin-pull").start(pull);
    boolean over = false;
    try {
      String id = await(pull, progress, reply);
      over = true;
      reply.accept(message(progress.get()).setImageId(id).build());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!over) {
        thread.interrupt();
      }
    }
  }

  private String pull(String reference, AtomicReference<@Nullable PullProgress> progress) {
    io.crij.cri.v1.PullImageRequest request =
        io.crij.cri.v1.PullImageRequest.newBuilder()
            .setImage(ImageSpec.newBuilder().setImage(reference))
            .build();
    return images.get().pullImage(request, Caller.PERSON, progress::set).getImageRef();
  }

  private static String await(
      Future<String> pull,
      AtomicReference<@Nullable PullProgress> progress,
      Consumer<PullImageProgress> reply)
      throws InterruptedException {
    while (true) {
      try {
        return pull.get(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        reply.accept(message(progress.get()).build());
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case RuntimeException cause -> throw cause;
          case Error cause -> throw cause;
          case null, default -> throw new IllegalStateException(e);
        }
      }
    }
  }

  private static PullImageProgress.Builder message(@Nullable PullProgress progress) {
    PullImageProgress.Builder message = PullImageProgress.newBuilder();
    if (progress == null) {
      return message;
    }
    for (PullProgress.Layer layer : progress.layers()) {
      LayerProgress now = layer.progress();
      message.addLayers(
          PulledLayer.newBuilder()
              .setDigest(layer.digest().toString())
              .setStage(stage(now))
              .setSizeBytes(layer.sizeBytes())
              .setDownloadedBytes(now.downloadedBytes())
              .setFoundBytes(now.foundBytes())
              .setUnpackedBytes(now.unpackedBytes())
              .setTrouble(now.trouble()));
    }
    return message;
  }

  private static PulledLayer.Stage stage(LayerProgress progress) {
    return switch (progress.stage()) {
      case WAITING -> PulledLayer.Stage.WAITING;
      case DOWNLOADING -> PulledLayer.Stage.DOWNLOADING;
      case RETRYING -> PulledLayer.Stage.RETRYING;
      case UNPACKING -> PulledLayer.Stage.UNPACKING;
      case DONE -> PulledLayer.Stage.DONE;
      case EXISTS -> PulledLayer.Stage.EXISTS;
    };
  }
}
