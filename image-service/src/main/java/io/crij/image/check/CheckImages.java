package io.crij.image.check;

import io.crij.admin.v1.CheckImagesRequest;
import io.crij.admin.v1.CheckImagesResponse;
import io.crij.admin.v1.ImageFinding;
import io.crij.image.content.ContentStore;
import io.crij.image.name.Digest;
import io.crij.image.records.ContentRecords;
import io.crij.image.records.Image;
import io.crij.image.records.LayerRecords;
import io.crij.image.records.LayerRow;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all that the images of this node are made of, and has what is damaged fetched anew. */
public final class CheckImages {
  private static final Logger log = LoggerFactory.getLogger(CheckImages.class);

  private final ContentRecords blobRecords;
  private final LayerRecords layerRecords;
  private final ContentStore content;
  private final LayerCheck layers;
  private final Repair repair;

  /** One check at a time: each reads the whole store. */
  private final ReentrantLock lock = new ReentrantLock();

  public CheckImages(
      ContentRecords blobRecords,
      LayerRecords layerRecords,
      ContentStore content,
      LayerCheck layers,
      Repair repair) {
    this.blobRecords = blobRecords;
    this.layerRecords = layerRecords;
    this.content = content;
    this.layers = layers;
    this.repair = repair;
  }

  /**
   * Checks every blob against its digest and every layer against its diff ID; with {@code quick},
   * only whether they are there and as long as they were. With {@code repair}, what is damaged is
   * fetched from where its image came, unless containers have it mounted.
   */
  public CheckImagesResponse checkImages(CheckImagesRequest request) {
    lock.lock();
    try {
      CheckImagesResponse.Builder response = CheckImagesResponse.newBuilder();
      List<ImageFinding.Builder> findings = new ArrayList<>();
      boolean quick = request.getQuick();
      for (Map.Entry<Digest, Long> blob : blobRecords.blobSizes().entrySet()) {
        Digest digest = blob.getKey();
        String problem = quick ? content.problem(digest, blob.getValue()) : content.problem(digest);
        if (problem != null) {
          findings.add(
              finding(ImageFinding.Kind.KIND_BLOB, digest, problem, blobRecords.images(digest)));
        }
        response.setCheckedBlobs(response.getCheckedBlobs() + 1);
      }
      for (LayerRow layer : layerRecords.list()) {
        String problem = problem(layer, quick);
        if (problem != null) {
          findings.add(
              finding(
                  ImageFinding.Kind.KIND_LAYER,
                  layer.diffId(),
                  problem,
                  layerRecords.images(layer.diffId())));
        }
        response.setCheckedLayers(response.getCheckedLayers() + 1);
      }
      if (request.getRepair()) {
        repair(findings);
      }
      findings.forEach(response::addFindings);
      return response.build();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable String problem(LayerRow layer, boolean quick) {
    String problem = layers.problem(layer, quick);
    // Removed with its image while it was read.
    return problem != null && layerRecords.images(layer.diffId()).isEmpty() ? null : problem;
  }

  private static ImageFinding.Builder finding(
      ImageFinding.Kind kind, Digest digest, String problem, List<String> images) {
    log.warn("check: {} of {}: {}", digest, images, problem);
    ImageFinding.Builder finding =
        ImageFinding.newBuilder().setKind(kind).setDigest(digest.toString()).setProblem(problem);
    images.forEach(id -> finding.addImages(Image.shownId(Digest.parse(id))));
    return finding;
  }

  private void repair(List<ImageFinding.Builder> findings) {
    Set<Digest> heldByContainers = new LinkedHashSet<>();
    for (ImageFinding.Builder finding : findings) {
      Digest digest = Digest.parse(finding.getDigest());
      if (finding.getKind() == ImageFinding.Kind.KIND_LAYER && !layerRecords.setDamaged(digest)) {
        heldByContainers.add(digest);
      }
    }
    for (ImageFinding.Builder finding : findings) {
      Digest digest = Digest.parse(finding.getDigest());
      if (heldByContainers.contains(digest)) {
        finding.setFailure("containers of these images have it mounted: remove them first");
        continue;
      }
      String failure = repair.heal(finding.getKind(), digest);
      finding.setRepaired(failure == null).setFailure(failure == null ? "" : failure);
    }
  }
}
