package io.crij.image.export;

import io.crij.admin.v1.ExportImagesRequest;
import io.crij.admin.v1.ExportImagesResponse;
import io.crij.image.ImageException;
import io.crij.image.archive.VerifiedStream;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.disk.DiskFailure;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRow;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes images into a folder or a file, to be imported elsewhere. */
public final class ExportImages {
  private static final Logger log = LoggerFactory.getLogger(ExportImages.class);
  private static final JsonMapper JSON = new JsonMapper();

  private final StoredImage.Stores stores;

  public ExportImages(StoredImage.Stores stores) {
    this.stores = stores;
  }

  /** An image and the names it is given away under. */
  private record Export(StoredImage image, List<String> tags) {}

  /**
   * Writes all images or nothing. By a tag an image is given that name alone, by its id all its
   * tags.
   *
   * @param target must not be there
   * @throws ImageException.NotFound when one of the images is not here
   */
  public ExportImagesResponse exportImages(ExportImagesRequest request, Path target) {
    if (request.getImagesCount() == 0) {
      throw new ImageException.InvalidArgument("no image named");
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new ImageException.AlreadyExists(target + " is there already");
    }
    Path part = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
    boolean toFolder = request.getForm() == ExportImagesRequest.Form.FORM_OCI_FOLDER;
    boolean toDocker = request.getForm() == ExportImagesRequest.Form.FORM_DOCKER_ARCHIVE;
    try (LayerBlobs layers = new LayerBlobs(stores, !toDocker)) {
      List<Export> exports =
          request.getImagesList().stream().map(name -> export(name, layers)).toList();
      try (FileSink sink = toFolder ? new FolderSink(part) : new TarSink(part)) {
        switch (request.getForm()) {
          case FORM_OCI_FOLDER, FORM_OCI_ARCHIVE, FORM_UNSPECIFIED -> layout(exports, sink);
          case FORM_DOCKER_ARCHIVE -> docker(exports, sink);
          case UNRECOGNIZED -> throw new ImageException.InvalidArgument("unknown form");
        }
        sink.finish();
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw DiskFailure.of("export to " + target, e);
    } catch (LinuxException e) {
      throw DiskFailure.of("export to " + target, e);
    } finally {
      delete(part);
    }
    log.info("exported {} to {}", request.getImagesList(), target);
    return ExportImagesResponse.getDefaultInstance();
  }

  /** Success too when it is not there. */
  private static void delete(Path part) {
    Path parent = part.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("not a path in a folder: " + part);
    }
    try (Tree tree = Tree.open(parent)) {
      tree.root().remove(Name.of(part.getFileName().toString()));
    } catch (LinuxException e) {
      log.warn("cannot delete {}: {}", part, e.getMessage());
    }
  }

  private Export export(String name, LayerBlobs layers) {
    ImageCatalog.Found found = stores.catalog().find(name);
    if (found == null) {
      throw new ImageException.NotFound("image " + name + " is not on this node");
    }
    ImageRow row = found.image();
    String asked = found.name();
    List<String> tags =
        asked == null
            ? row.repoTags()
            : row.repoTags().contains(asked) ? List.of(asked) : List.of();
    return new Export(StoredImage.of(row, stores, layers), tags);
  }

  /** OCI image specification, image-layout.md. */
  private static void layout(List<Export> exports, FileSink sink) throws IOException {
    ObjectNode index = JSON.createObjectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaType.OCI_INDEX);
    ArrayNode manifests = index.putArray("manifests");
    for (Export export : exports) {
      StoredImage image = export.image();
      for (StoredImage.Blob blob : image.blobs()) {
        write(blob, blobPath(blob.descriptor().digest()), sink);
      }
      write(image.manifestBytes(), blobPath(image.manifest().digest()), sink);
      if (export.tags().isEmpty()) {
        StoredImage.describe(manifests.addObject(), image.manifest(), null);
      }
      for (String tag : export.tags()) {
        StoredImage.describe(manifests.addObject(), image.manifest(), tag);
      }
    }
    write(JSON.writeValueAsBytes(index), "index.json", sink);
    byte[] layout = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
    write(layout, "oci-layout", sink);
  }

  /** What {@code docker load} reads. */
  private static void docker(List<Export> exports, FileSink sink) throws IOException {
    ArrayNode images = JSON.createArrayNode();
    for (Export export : exports) {
      if (export.image().image().kind() == ImageRow.Kind.ARTIFACT) {
        throw new ImageException.FailedPrecondition("an artifact is no image that Docker knows");
      }
      List<StoredImage.Blob> blobs = export.image().blobs();
      ObjectNode image = images.addObject();
      String config = blobs.getFirst().descriptor().digest().hex() + ".json";
      write(blobs.getFirst(), config, sink);
      image.put("Config", config);
      ArrayNode tags = image.putArray("RepoTags");
      export.tags().forEach(tags::add);
      List<String> layers = new ArrayList<>();
      for (StoredImage.Blob layer : blobs.subList(1, blobs.size())) {
        String path = layer.descriptor().digest().hex() + ".tar";
        write(layer, path, sink);
        layers.add(path);
      }
      ArrayNode layerPaths = image.putArray("Layers");
      layers.forEach(layerPaths::add);
    }
    write(JSON.writeValueAsBytes(images), "manifest.json", sink);
  }

  private static String blobPath(Digest digest) {
    return "blobs/" + digest.algorithm().label() + "/" + digest.hex();
  }

  private static void write(byte[] bytes, String path, FileSink sink) throws IOException {
    try (InputStream in = new ByteArrayInputStream(bytes)) {
      sink.file(path, bytes.length, in);
    }
  }

  /** What is damaged does not leave. */
  private static void write(StoredImage.Blob blob, String path, FileSink sink) throws IOException {
    Descriptor descriptor = blob.descriptor();
    try (VerifiedStream in = new VerifiedStream(blob.content().open(), descriptor)) {
      sink.file(path, descriptor.size(), in);
    }
  }
}
