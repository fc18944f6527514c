package io.crij.image.pull;

import io.crij.cri.v1.AuthConfig;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.PullImageResponse;
import io.crij.image.ImageException;
import io.crij.image.catalog.PinnedImages;
import io.crij.image.download.BlobDownloads;
import io.crij.image.download.Transfer;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.progress.PullProgress;
import io.crij.image.records.Image;
import io.crij.image.registry.ImageSource;
import io.crij.image.registry.Registry;
import io.crij.image.work.Priority;
import io.crij.image.work.SharedWork;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls an image from its registry. A pull of the same name with the same credentials that is under
 * way is joined; it ends when the last who asked for it has left, a node agent's a while later.
 */
public final class PullImage implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PullImage.class);

  private final Registry registry;
  private final ImageInstaller installer;
  private final BlobDownloads downloads;
  private final PinnedImages pinned;
  private final Duration progressTimeout;
  private final PullCounters counters;
  private final PullStages stages;
  private final SharedWork<Pull, Digest> pulls =
      new SharedWork<>(Thread.ofVirtual().name("pull-", 0).factory());
  private final Map<Pull, PullProgress> underWay = new ConcurrentHashMap<>();

  /**
   * @param pinned images that the node itself needs: they are pulled before others
   * @param watch who is told of pulls
   * @param progressTimeout after which a pull ends that does not move; zero for never
   */
  public PullImage(
      Registry registry,
      ImageInstaller installer,
      BlobDownloads downloads,
      PinnedImages pinned,
      Duration progressTimeout,
      Watch watch) {
    this.registry = registry;
    this.installer = installer;
    this.downloads = downloads;
    this.pinned = pinned;
    this.progressTimeout = progressTimeout;
    this.counters = new PullCounters(watch.meters());
    this.stages = watch.stages();
  }

  /** Who is told what pulls do: figures, and the stages of each. */
  public record Watch(MeterRegistry meters, PullStages stages) {}

  /**
   * What is pulled for whom.
   *
   * @param namespace of the pod; empty if it is unknown
   */
  private record Pull(ImageReference reference, AuthConfig auth, String namespace) {}

  /** The answer's {@code image_ref} is the image's id, as everywhere since CRI v1.36. */
  public PullImageResponse pullImage(PullImageRequest request) {
    return pullImage(request, Caller.NODE_AGENT, _ -> {});
  }

  /**
   * Pulls as above, for a caller of some kind. An interrupt of this thread means that he has left.
   *
   * @param watcher is given what tells where the pull stands, before it begins; for a short name,
   *     once for each image that it may mean
   */
  public PullImageResponse pullImage(
      PullImageRequest request, Caller caller, Consumer<PullProgress> watcher) {
    String name = request.getImage().getImage();
    if (name.isEmpty()) {
      throw new ImageException.InvalidArgument("no image named");
    }
    String namespace = request.getSandboxConfig().getMetadata().getNamespace();
    List<ImageReference> candidates = registry.shortNames().candidates(name);
    for (ImageReference candidate : candidates.subList(0, candidates.size() - 1)) {
      try {
        return pull(new Pull(candidate, request.getAuth(), namespace), caller, watcher);
      } catch (ImageException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
        log.info("{} is not {}: {}", name, candidate, e.getMessage());
      }
    }
    return pull(new Pull(candidates.getLast(), request.getAuth(), namespace), caller, watcher);
  }

  private PullImageResponse pull(Pull pull, Caller caller, Consumer<PullProgress> watcher) {
    PullProgress progress = underWay.computeIfAbsent(pull, _ -> new PullProgress());
    boolean isPinned = pinned.contains(pull.reference().toString());
    progress.raise(isPinned ? Priority.NODE : caller.priority());
    watcher.accept(progress);
    MeasuredPull measured = new MeasuredPull(counters, stages.asked());
    try {
      Digest id = pulls.run(pull, caller.patience(), () -> run(pull, progress, measured, watcher));
      return PullImageResponse.newBuilder().setImageRef(Image.shownId(id)).build();
    } finally {
      if (!progress.isClaimed()) {
        underWay.remove(pull, progress);
      }
    }
  }

  public PullCounters counters() {
    return counters;
  }

  /** Shown as long as it runs, also when all who asked for it have left and one comes back. */
  private Digest run(
      Pull pull, PullProgress offered, MeasuredPull measured, Consumer<PullProgress> watcher) {
    PullProgress progress = offered;
    if (!offered.claim()) {
      progress = new PullProgress();
      progress.raise(offered.priority());
      var _ = progress.claim();
      watcher.accept(progress);
    }
    underWay.put(pull, progress);
    try {
      return run(pull, progress, measured);
    } finally {
      underWay.remove(pull, progress);
    }
  }

  private Digest run(Pull pull, PullProgress progress, MeasuredPull measured) {
    long start = System.nanoTime();
    String name = pull.reference().toString();
    log.info("pull {}", name);
    counters.begin(progress);
    measured.stage(PullStages.Stage.MANIFEST);
    PullResult result = PullResult.FAILED;
    try (ImageSource source = registry.open(pull.reference(), pull.auth(), pull.namespace());
        PullWatch watch = PullWatch.start(name, progress, progressTimeout)) {
      try {
        Digest id = install(pull, source, progress, watch, measured);
        result = PullResult.DONE;
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
        log.info("pulled {}: image {} in {} ms, {} bytes", name, id, millis, progress.totalBytes());
        return id;
      } catch (ImageException e) {
        result = watch.hasTimedOut() ? PullResult.TIMED_OUT : PullResult.of(e);
        throw e;
      }
    } finally {
      measured.ends(result == PullResult.DONE);
      counters.end(progress, result, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private Digest install(
      Pull pull,
      ImageSource source,
      PullProgress progress,
      PullWatch watch,
      MeasuredPull measured) {
    ImageReference reference = pull.reference();
    try {
      return installer.install(
          source,
          reference,
          new Transfer(downloads.of(reference.toString()), progress),
          measured::stage);
    } catch (ImageException e) {
      if (watch.hasTimedOut()) {
        throw new ImageException.DeadlineExceeded(
            "pull of %s: nothing came or was unpacked for %d s"
                .formatted(reference, progressTimeout.toSeconds()),
            e);
      }
      throw e;
    }
  }

  /** Ends the pulls under way. */
  @Override
  public void close() {
    pulls.close();
  }
}
