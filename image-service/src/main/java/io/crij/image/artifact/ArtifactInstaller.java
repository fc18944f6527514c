package io.crij.image.artifact;

import io.crij.image.ImageException;
import io.crij.image.catalog.ImageCollector;
import io.crij.image.content.ContentStore;
import io.crij.image.disk.DiskFailure;
import io.crij.image.download.OpenBlob;
import io.crij.image.download.PulledBlob;
import io.crij.image.download.Transfer;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.Manifest;
import io.crij.image.name.Digest;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.PullProgress;
import io.crij.image.progress.Stage;
import io.crij.image.records.ImageRow;
import io.crij.image.records.NewImage;
import io.crij.image.registry.FetchedManifest;
import io.crij.image.registry.ImageSource;
import io.crij.image.work.AllAtOnce;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/** Makes an artifact of a source one of this node. */
public final class ArtifactInstaller {
  private static final int MOST_AT_ONCE = 4;

  private final ContentStore content;
  private final ImageCollector collector;

  /** Over all pulls. */
  private final Semaphore fetching = new Semaphore(MOST_AT_ONCE, true);

  public ArtifactInstaller(ContentStore content, ImageCollector collector) {
    this.content = content;
    this.collector = collector;
  }

  /**
   * Where an artifact is had.
   *
   * @param top what the source resolved to, the manifest or an index that led to it
   * @param chosen the manifest
   */
  public record Origin(ImageSource source, FetchedManifest top, FetchedManifest chosen) {}

  /**
   * Fetches the blobs that are not here yet and commits the artifact.
   *
   * @return the artifact's id, the digest of its manifest
   */
  public Digest install(Origin origin, NewImage.Names names, Transfer transfer) {
    FetchedManifest top = origin.top;
    FetchedManifest chosen = origin.chosen;
    if (!(chosen.document() instanceof Manifest manifest)) {
      throw new IllegalArgumentException("an index is no artifact");
    }
    Map<String, Digest> files = ArtifactFiles.of(manifest);
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    sizes.put(top.digest(), top.size());
    sizes.put(chosen.digest(), chosen.size());
    Set<Descriptor> blobs = new LinkedHashSet<>(manifest.layers());
    blobs.add(manifest.config());
    blobs.forEach(blob -> sizes.put(blob.digest(), blob.size()));
    try (ImageCollector.Hold _ = collector.hold(sizes.keySet())) {
      fetch(origin.source, blobs, transfer);
      NewImage artifact =
          new NewImage(
              chosen.digest(),
              ImageRow.Kind.ARTIFACT,
              new Descriptor(chosen.mediaType(), chosen.digest(), chosen.size()),
              "",
              sizes.values().stream().mapToLong(Long::longValue).sum(),
              List.of(),
              sizes);
      Map<Digest, byte[]> documents = new HashMap<>();
      documents.put(top.digest(), top.bytes());
      documents.put(chosen.digest(), chosen.bytes());
      collector.commitArtifact(artifact, documents, files, names);
    }
    return chosen.digest();
  }

  /** All at once; the first failure ends the others. */
  private void fetch(ImageSource source, Set<Descriptor> blobs, Transfer transfer) {
    Map<Descriptor, LayerProgress> shown = new LinkedHashMap<>();
    blobs.forEach(blob -> shown.put(blob, new LayerProgress(transfer.progress()::priority)));
    transfer
        .progress()
        .begin(
            shown.entrySet().stream()
                .map(blob ->
                    new PullProgress.Layer(
                        blob.getKey().digest(), blob.getKey().size(), blob.getValue()))
                .toList());
    List<Callable<Boolean>> fetches = new ArrayList<>();
    shown.forEach((blob, progress) -> {
      PulledBlob pulled = new PulledBlob(source, blob, transfer.supply(), progress);
      fetches.add(() -> fetch(blob, pulled, progress));
    });
    var _ = AllAtOnce.run("fetch artifact", fetches);
  }

  private boolean fetch(Descriptor blob, PulledBlob pulled, LayerProgress progress)
      throws InterruptedException {
    fetching.acquire();
    try {
      boolean isHere = content.problem(blob.digest()) == null;
      if (!isHere) {
        store(blob, pulled, progress);
      }
      progress.enter(isHere ? Stage.EXISTS : Stage.DONE);
      return !isHere;
    } catch (IOException e) {
      throw DiskFailure.of("store " + blob.digest(), e);
    } finally {
      fetching.release();
    }
  }

  /** From another host, or without what came earlier, when it is not what is described. */
  private void store(Descriptor blob, PulledBlob pulled, LayerProgress progress)
      throws IOException {
    while (true) {
      try (OpenBlob in = pulled.open()) {
        try {
          Path file = in.file();
          if (file == null) {
            content.put(blob, in, progress::unpacked);
          } else {
            content.adopt(blob, file, in, progress::unpacked);
          }
          return;
        } catch (ImageException.FailedPrecondition e) {
          pulled.wasWrong();
          if (!pulled.canRetry()) {
            throw e;
          }
        }
      }
    }
  }
}
