package io.crij.image.artifact;

import io.crij.image.ImageException;
import io.crij.image.catalog.ImageCollector;
import io.crij.image.content.ContentStore;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.Manifest;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRow;
import io.crij.image.records.NewImage;
import io.crij.image.registry.FetchedManifest;
import io.crij.image.registry.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
   * Fetches the blobs that are not here yet and commits the artifact.
   *
   * @param top what the source resolved to, the manifest or an index that led to it
   * @param chosen the manifest
   * @return the artifact's id, the digest of its manifest
   */
  public Digest install(
      ImageSource source, FetchedManifest top, FetchedManifest chosen, NewImage.Names names) {
    if (!(chosen.document() instanceof Manifest manifest)) {
      throw new IllegalArgumentException("an index is no artifact");
    }
    Map<String, Digest> files = ArtifactFiles.of(manifest);
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    sizes.put(top.digest(), top.size());
    sizes.put(chosen.digest(), chosen.size());
    Set<Descriptor> blobs = new HashSet<>(manifest.layers());
    blobs.add(manifest.config());
    blobs.forEach(blob -> sizes.put(blob.digest(), blob.size()));
    try (ImageCollector.Hold _ = collector.hold(sizes.keySet())) {
      fetch(source, blobs);
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
  private void fetch(ImageSource source, Set<Descriptor> blobs) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<Boolean> completed = new ExecutorCompletionService<>(executor);
      for (Descriptor blob : blobs) {
        var _ = completed.submit(() -> fetch(source, blob));
      }
      try {
        for (int i = 0; i < blobs.size(); i++) {
          boolean _ = completed.take().get();
        }
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
        throw new ImageException.Unavailable("interrupted", e);
      } catch (ExecutionException e) {
        executor.shutdownNow();
        if (e.getCause() instanceof ImageException cause) {
          throw cause;
        }
        throw new ImageException.Internal("fetch artifact: " + e.getMessage(), e);
      }
    }
  }

  private boolean fetch(ImageSource source, Descriptor blob) throws InterruptedException {
    fetching.acquire();
    try {
      if (content.problem(blob.digest()) == null) {
        return false;
      }
      try (InputStream in = source.blob(blob)) {
        content.put(blob, in);
      }
      return true;
    } catch (IOException e) {
      throw new ImageException.Internal("store " + blob.digest() + ": " + e.getMessage(), e);
    } finally {
      fetching.release();
    }
  }
}
