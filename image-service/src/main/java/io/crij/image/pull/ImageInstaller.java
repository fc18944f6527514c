package io.crij.image.pull;

import io.crij.image.ImageException;
import io.crij.image.artifact.ArtifactInstaller;
import io.crij.image.catalog.ImageCollector;
import io.crij.image.download.BlobSupply;
import io.crij.image.download.PulledBlob;
import io.crij.image.download.Transfer;
import io.crij.image.layer.LayerStore;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.ImageConfigFile;
import io.crij.image.manifest.Index;
import io.crij.image.manifest.Manifest;
import io.crij.image.manifest.Platform;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.PullProgress;
import io.crij.image.records.LayerRow;
import io.crij.image.records.NewImage;
import io.crij.image.registry.FetchedManifest;
import io.crij.image.registry.ImageSource;
import io.crij.image.unpack.LayerSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes an image of a source one of this node. */
public final class ImageInstaller {
  private static final Logger log = LoggerFactory.getLogger(ImageInstaller.class);

  private static final int DEEPEST_INDEX = 4;

  private final LayerStore layers;
  private final ImageCollector collector;
  private final ArtifactInstaller artifacts;
  private final Platform host;

  public ImageInstaller(
      LayerStore layers, ImageCollector collector, ArtifactInstaller artifacts, Platform host) {
    this.layers = layers;
    this.collector = collector;
    this.artifacts = artifacts;
    this.host = host;
  }

  /** One image of the source, with the documents that lead to it. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Documents(
      FetchedManifest top, FetchedManifest chosen, Manifest manifest, byte[] configBytes) {
    ImageConfigFile config() {
      return ImageConfigFile.parse(configBytes, manifest);
    }

    Digest id() {
      return manifest.config().digest();
    }

    Map<Digest, byte[]> blobs() {
      Map<Digest, byte[]> blobs = new HashMap<>();
      blobs.put(top.digest(), top.bytes());
      blobs.put(chosen.digest(), chosen.bytes());
      blobs.put(id(), configBytes);
      return blobs;
    }
  }

  /**
   * Fetches what is not here yet and commits the image.
   *
   * @param reference under which it will be known; null for none but its id
   * @return the image's id
   */
  public Digest install(ImageSource source, @Nullable ImageReference reference) {
    return install(source, reference, new Transfer(BlobSupply.LOCAL, new PullProgress()));
  }

  /** Does the same, by some way of getting blobs. */
  public Digest install(ImageSource source, @Nullable ImageReference reference, Transfer transfer) {
    return install(source, reference, transfer, _ -> {});
  }

  /** Does the same, and says what comes after the manifest. */
  Digest install(
      ImageSource source,
      @Nullable ImageReference reference,
      Transfer transfer,
      Consumer<PullStages.Stage> stages) {
    FetchedManifest top = source.resolve();
    FetchedManifest chosen = choose(top, source);
    if (!(chosen.document() instanceof Manifest manifest)) {
      throw new IllegalStateException("chose an index");
    }
    if (!manifest.isImage()) {
      stages.accept(PullStages.Stage.LAYERS);
      return artifacts.install(
          new ArtifactInstaller.Origin(source, top, chosen),
          names(reference, top.digest()),
          transfer);
    }
    byte[] configBytes = source.content(manifest.config());
    Documents documents = new Documents(top, chosen, manifest, configBytes);
    ImageConfigFile config = documents.config();
    if (!config.platform().runsOn(host)) {
      log.warn("image {} is for {}, not for {}", documents.id(), config.platform(), host);
    }
    stages.accept(PullStages.Stage.LAYERS);
    try (LayerStore.Lease lease = layers.lease()) {
      List<LayerRow> rows =
          new LayerFetch(lease).fetch(sources(source, manifest, config, transfer));
      stages.accept(PullStages.Stage.COMMIT);
      commit(documents, config, rows, reference);
    }
    return documents.id();
  }

  private FetchedManifest choose(FetchedManifest top, ImageSource source) {
    FetchedManifest chosen = top;
    for (int depth = 0; chosen.document() instanceof Index index; depth++) {
      Descriptor descriptor = index.select(host);
      if (descriptor == null || depth == DEEPEST_INDEX) {
        throw new ImageException.NotFound("index " + chosen.digest() + " has no image for " + host);
      }
      chosen = source.manifest(descriptor);
    }
    return chosen;
  }

  /** Refuses a layer that cannot be unpacked before the first is fetched. */
  private static List<LayerSource> sources(
      ImageSource source, Manifest manifest, ImageConfigFile config, Transfer transfer) {
    List<LayerSource> sources = new ArrayList<>();
    List<PullProgress.Layer> shown = new ArrayList<>();
    for (int i = 0; i < manifest.layers().size(); i++) {
      Descriptor layer = manifest.layers().get(i);
      LayerProgress progress = new LayerProgress(transfer.progress()::priority);
      sources.add(
          new LayerSource(
              config.diffIds().get(i),
              layer,
              new PulledBlob(source, layer, transfer.supply(), progress),
              progress));
      shown.add(new PullProgress.Layer(layer.digest(), layer.size(), progress));
    }
    transfer.progress().begin(shown);
    return sources;
  }

  private void commit(
      Documents documents,
      ImageConfigFile config,
      List<LayerRow> rows,
      @Nullable ImageReference reference) {
    Map<Digest, byte[]> blobs = documents.blobs();
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    blobs.forEach((digest, bytes) -> sizes.put(digest, (long) bytes.length));
    long size = sizes.values().stream().mapToLong(Long::longValue).sum();
    for (LayerRow row : rows) {
      size += row.archiveBytes();
    }
    FetchedManifest chosen = documents.chosen();
    NewImage image =
        new NewImage(
            documents.id(),
            new Descriptor(chosen.mediaType(), chosen.digest(), chosen.size()),
            config.config().user(),
            size,
            config.diffIds(),
            sizes);
    collector.commit(image, blobs, names(reference, documents.top().digest()));
  }

  private static NewImage.Names names(@Nullable ImageReference reference, Digest top) {
    return reference == null
        ? NewImage.Names.NONE
        : new NewImage.Names(reference.repoTag(), reference.repoDigest(top));
  }
}
