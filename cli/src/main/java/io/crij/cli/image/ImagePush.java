package io.crij.cli.image;

import io.crij.admin.v1.PushImageRequest;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "push",
    description = "Sends an image to its registry, or elsewhere, and prints its digest there.")
public final class ImagePush implements Runnable {
  private final Supplier<Node> nodes;
  private final PrintWriter out;

  @Parameters(index = "0", paramLabel = "IMAGE")
  private String image = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "As what; default: IMAGE.")
  private String name = "";

  public ImagePush(Supplier<Node> nodes, PrintWriter out) {
    this.nodes = nodes;
    this.out = out;
  }

  @Override
  public void run() {
    try (Node node = nodes.get()) {
      PushImageRequest request =
          PushImageRequest.newBuilder().setImage(image).setName(name).build();
      out.println(node.admin(Node.IMAGE).pushImage(request).getRepoDigest());
    }
  }
}
