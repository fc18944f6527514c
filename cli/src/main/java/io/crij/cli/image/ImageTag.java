package io.crij.cli.image;

import io.crij.admin.v1.TagImageRequest;
import io.crij.cli.connection.Node;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "tag", description = "Gives an image one more tag; the image that has it loses it.")
public final class ImageTag implements Runnable {
  private final Supplier<Node> nodes;

  @Parameters(index = "0", paramLabel = "IMAGE")
  private String image = "";

  @Parameters(index = "1", paramLabel = "TAG")
  private String tag = "";

  public ImageTag(Supplier<Node> nodes) {
    this.nodes = nodes;
  }

  @Override
  public void run() {
    try (Node node = nodes.get()) {
      var _ =
          node.admin(Node.SHORT)
              .tagImage(TagImageRequest.newBuilder().setImage(image).setTag(tag).build());
    }
  }
}
