package io.crij.cli.image;

import io.crij.admin.v1.DiskUsageRequest;
import io.crij.admin.v1.DiskUsageResponse;
import io.crij.admin.v1.KeepingImage;
import io.crij.admin.v1.StoredPart;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "du",
    description = {
      "Tells what images and containers take on the disk.",
      "Prints of each image: id, bytes that go with it, bytes that others have too, names."
    })
public final class ImageDu implements Runnable {
  private final Supplier<Node> nodes;
  private final PrintWriter out;

  @Option(
      names = "--why",
      description = "Print each piece instead: bytes, path below the store, what keeps it.")
  private boolean why;

  public ImageDu(Supplier<Node> nodes, PrintWriter out) {
    this.nodes = nodes;
    this.out = out;
  }

  @Override
  public void run() {
    try (Node node = nodes.get()) {
      DiskUsageResponse usage =
          node.admin(Node.IMAGE).diskUsage(DiskUsageRequest.getDefaultInstance());
      if (why) {
        printParts(usage);
      } else {
        printImages(usage);
      }
      out.println(
          "images %d, pulls cut short or under way %d, writable layers %d, being deleted %d bytes"
              .formatted(
                  bytes(usage, part -> part.getImagesCount() > 0),
                  bytes(usage, ImageDu::isOfPulls),
                  bytes(usage, part -> part.getKind() == StoredPart.Kind.KIND_WRITABLE_LAYER),
                  bytes(usage, part -> part.getKind() == StoredPart.Kind.KIND_TRASH)));
    }
  }

  private static boolean isOfPulls(StoredPart part) {
    return part.getImagesCount() == 0
        && part.getKind() != StoredPart.Kind.KIND_WRITABLE_LAYER
        && part.getKind() != StoredPart.Kind.KIND_TRASH;
  }

  private static long bytes(DiskUsageResponse usage, Predicate<StoredPart> which) {
    return usage.getPartsList().stream().filter(which).mapToLong(StoredPart::getBytes).sum();
  }

  private void printImages(DiskUsageResponse usage) {
    for (KeepingImage image : usage.getImagesList()) {
      Predicate<StoredPart> of = part -> part.getImagesList().contains(image.getId());
      long own = bytes(usage, of.and(part -> part.getImagesCount() == 1));
      out.println(image.getId() + " " + own + " " + (bytes(usage, of) - own) + " " + names(image));
    }
  }

  private void printParts(DiskUsageResponse usage) {
    Map<String, String> names = new HashMap<>();
    usage.getImagesList().forEach(image -> names.put(image.getId(), names(image)));
    for (StoredPart part : usage.getPartsList()) {
      out.println(part.getBytes() + " " + part.getPath() + ": " + reason(part, names));
    }
  }

  private static String reason(StoredPart part, Map<String, String> names) {
    if (part.getKind() == StoredPart.Kind.KIND_TRASH) {
      return "is being deleted";
    }
    if (part.getKind() == StoredPart.Kind.KIND_WRITABLE_LAYER) {
      return "written by container " + part.getContainer();
    }
    if (part.getImagesCount() > 0) {
      StringBuilder images = new StringBuilder("of");
      part.getImagesList().forEach(id -> images.append(' ').append(names.getOrDefault(id, id)));
      return images.toString();
    }
    String pull = part.getPulledFor().isEmpty() ? "a pull" : "a pull of " + part.getPulledFor();
    return part.getKeptUntilSeconds() == 0
        ? pull + " is under way"
        : "left by "
            + pull
            + ", kept for the next one until "
            + Instant.ofEpochSecond(part.getKeptUntilSeconds());
  }

  private static String names(KeepingImage image) {
    String names = ImageNames.of(image.getRepoTagsList(), image.getRepoDigestsList());
    return names.isEmpty() ? image.getId() : names;
  }
}
