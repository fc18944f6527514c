package io.crij.cli;

import io.crij.admin.v1.ImportImageRequest;
import io.crij.admin.v1.ImportImageResponse;
import io.crij.cri.v1.Image;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.RemoveImageRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "image", description = "Images of this node.", synopsisSubcommandLabel = "COMMAND")
final class ImageCommands {
  private final Crij crij;
  private final PrintWriter out;

  ImageCommands(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Command(
      name = "import",
      description = "Reads an OCI image layout into the store and prints the image's id.")
  void importImage(
      @Parameters(paramLabel = "PATH", description = "The layout: a directory, or a tar of one.")
          Path path,
      @Option(
              names = "--name",
              paramLabel = "REF",
              defaultValue = "",
              description = "Its name; default: the names in the layout.")
          String name) {
    try (Node node = crij.connect()) {
      ImportImageResponse imported =
          node.admin(Node.IMAGE)
              .importImage(
                  ImportImageRequest.newBuilder()
                      .setPath(path.toAbsolutePath().normalize().toString())
                      .setReference(name)
                      .build());
      out.println(imported.getImageId());
    }
  }

  @Command(name = "ls", description = "Lists the images: id, size in bytes, names.")
  void list() {
    try (Node node = crij.connect()) {
      for (Image image :
          node.images(Node.SHORT)
              .listImages(ListImagesRequest.getDefaultInstance())
              .getImagesList()) {
        String names =
            String.join(
                " ",
                image.getRepoTagsCount() > 0
                    ? image.getRepoTagsList()
                    : image.getRepoDigestsList());
        out.println(image.getId() + " " + image.getSize() + " " + names);
      }
    }
  }

  @Command(name = "pull", description = "Pulls an image and prints its id.")
  void pull(@Parameters(paramLabel = "REF") String reference) {
    try (Node node = crij.connect()) {
      PullImageRequest request = PullImageRequest.newBuilder().setImage(spec(reference)).build();
      out.println(node.images(Node.IMAGE).pullImage(request).getImageRef());
    }
  }

  @Command(name = "rm", description = "Removes an image; that there is none is fine.")
  void remove(@Parameters(paramLabel = "REF") String reference) {
    try (Node node = crij.connect()) {
      var _ =
          node.images(Node.IMAGE)
              .removeImage(RemoveImageRequest.newBuilder().setImage(spec(reference)).build());
    }
  }

  private static ImageSpec spec(String reference) {
    return ImageSpec.newBuilder().setImage(reference).build();
  }
}
