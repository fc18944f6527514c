package io.crij.image.pull;

import io.crij.cri.v1.AuthConfig;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.PullImageResponse;
import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.ImageSource;
import io.crij.image.registry.Registry;
import io.crij.image.work.SharedWork;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls an image from its registry. A pull of the same name with the same credentials that is under
 * way is joined; a pull goes on to its end even if all who asked for it have left.
 */
public final class PullImage implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PullImage.class);

  private final Registry registry;
  private final ImageInstaller installer;
  private final SharedWork<Pull, Digest> pulls =
      new SharedWork<>(Thread.ofVirtual().name("pull-", 0).factory(), SharedWork.Abandoned.GOES_ON);

  public PullImage(Registry registry, ImageInstaller installer) {
    this.registry = registry;
    this.installer = installer;
  }

  private record Pull(ImageReference reference, AuthConfig auth) {}

  /** The answer's {@code image_ref} is the image's id, as everywhere since CRI v1.36. */
  public PullImageResponse pullImage(PullImageRequest request) {
    String name = request.getImage().getImage();
    if (name.isEmpty()) {
      throw new ImageException.InvalidArgument("no image named");
    }
    Pull pull = new Pull(ImageReference.parse(name), request.getAuth());
    Digest id = pulls.run(pull, () -> run(pull));
    return PullImageResponse.newBuilder().setImageRef(id.toString()).build();
  }

  private Digest run(Pull pull) {
    long start = System.nanoTime();
    log.info("pull {}", pull.reference());
    try (ImageSource source = registry.open(pull.reference(), pull.auth())) {
      Digest id = installer.install(source, pull.reference());
      Duration taken = Duration.ofNanos(System.nanoTime() - start);
      log.info("pulled {}: image {} in {} ms", pull.reference(), id, taken.toMillis());
      return id;
    }
  }

  /** Ends the pulls under way. */
  @Override
  public void close() {
    pulls.close();
  }
}
