package io.crij.cli.image;

import io.crij.admin.v1.ImportImageRequest;
import io.crij.admin.v1.ImportImageResponse;
import io.crij.admin.v1.ImportedImage;
import io.crij.cli.connection.Node;
import io.crij.cri.v1.Image;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.RemoveImageRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "image", description = "Images of this node.", synopsisSubcommandLabel = "COMMAND")
public final class ImageCommands {
  private final Supplier<Node> nodes;
  private final PrintWriter out;

  public ImageCommands(Supplier<Node> nodes, PrintWriter out) {
    this.nodes = nodes;
    this.out = out;
  }

  @Command(
      name = "import",
      description = "Reads images of the node into the store and prints their ids and tags.")
  void importImage(
      @Parameters(
              paramLabel = "PATH",
              description =
                  "An OCI image layout, a directory or a tar, or what docker save writes.")
          Path path,
      @Option(
              names = "--name",
              paramLabel = "REF",
              defaultValue = "",
              description = "Read one image under this name; default: all, under theirs.")
          String name) {
    try (Node node = nodes.get()) {
      ImportImageResponse imported =
          node.admin(Node.IMAGE)
              .importImage(
                  ImportImageRequest.newBuilder()
                      .setPath(path.toAbsolutePath().normalize().toString())
                      .setReference(name)
                      .build());
      for (ImportedImage image : imported.getImagesList()) {
        out.println((image.getId() + " " + String.join(" ", image.getRepoTagsList())).strip());
      }
    }
  }

  @Command(name = "ls", description = "Lists the images: id, size in bytes, names.")
  void list() {
    try (Node node = nodes.get()) {
      for (Image image :
          node.images(Node.SHORT)
              .listImages(ListImagesRequest.getDefaultInstance())
              .getImagesList()) {
        String names = ImageNames.of(image.getRepoTagsList(), image.getRepoDigestsList());
        out.println(image.getId() + " " + image.getSize() + " " + names);
      }
    }
  }

  @Command(name = "rm", description = "Removes an image; that there is none is fine.")
  void remove(@Parameters(paramLabel = "REF") String reference) {
    try (Node node = nodes.get()) {
      var _ =
          node.images(Node.IMAGE)
              .removeImage(RemoveImageRequest.newBuilder().setImage(spec(reference)).build());
    }
  }

  private static ImageSpec spec(String reference) {
    return ImageSpec.newBuilder().setImage(reference).build();
  }
}
