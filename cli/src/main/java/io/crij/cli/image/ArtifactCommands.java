package io.crij.cli.image;

import io.crij.admin.v1.Artifact;
import io.crij.admin.v1.ListArtifactsRequest;
import io.crij.cli.connection.Node;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.RemoveImageRequest;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "artifact",
    description = "OCI artifacts of this node: files that containers have as volumes.",
    synopsisSubcommandLabel = "COMMAND")
public final class ArtifactCommands {
  private final Supplier<Node> nodes;
  private final PrintWriter out;
  private final PrintWriter err;

  public ArtifactCommands(Supplier<Node> nodes, PrintWriter out, PrintWriter err) {
    this.nodes = nodes;
    this.out = out;
    this.err = err;
  }

  @Command(
      name = "ls",
      description = "Lists the artifacts: id, size in bytes, type, names; then their files.")
  void list() {
    try (Node node = nodes.get()) {
      for (Artifact artifact :
          node.admin(Node.SHORT)
              .listArtifacts(ListArtifactsRequest.getDefaultInstance())
              .getArtifactsList()) {
        String names = ImageNames.of(artifact.getRepoTagsList(), artifact.getRepoDigestsList());
        out.println(
            artifact.getId()
                + " "
                + artifact.getSizeBytes()
                + " "
                + artifact.getType()
                + " "
                + names);
        artifact.getFilesList().forEach(file -> out.println("  " + file));
      }
    }
  }

  @Command(
      name = "pull",
      description = "Pulls an artifact as \"image pull\" does, and prints its id.")
  void pull(@Parameters(paramLabel = "REF") String reference) {
    new WatchedPull(nodes, out, err).pull(reference);
  }

  @Command(name = "rm", description = "Removes an artifact; that there is none is fine.")
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
