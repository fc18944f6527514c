package io.crij.cli.image;

import io.crij.cli.connection.Node;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ImageStatusRequest;
import io.crij.cri.v1.ImageStatusResponse;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    description = "Prints the names and the configuration of an image, which is JSON.")
public final class ImageInspect implements Callable<Integer> {
  private static final int ABSENT = 1;

  private final Supplier<Node> nodes;
  private final PrintWriter out;
  private final PrintWriter err;

  @Parameters(paramLabel = "IMAGE")
  private String image = "";

  public ImageInspect(Supplier<Node> nodes, PrintWriter out, PrintWriter err) {
    this.nodes = nodes;
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    try (Node node = nodes.get()) {
      ImageStatusResponse status =
          node.images(Node.SHORT)
              .imageStatus(
                  ImageStatusRequest.newBuilder()
                      .setImage(ImageSpec.newBuilder().setImage(image))
                      .setVerbose(true)
                      .build());
      if (!status.hasImage()) {
        err.println("crij: image " + image + " is not on this node");
        return ABSENT;
      }
      out.println("id " + status.getImage().getId());
      status.getImage().getRepoTagsList().forEach(tag -> out.println("tag " + tag));
      status.getImage().getRepoDigestsList().forEach(digest -> out.println("digest " + digest));
      out.println("size " + status.getImage().getSize());
      out.println("pinned " + status.getImage().getPinned());
      status.getInfoMap().values().forEach(out::println);
      return 0;
    }
  }
}
