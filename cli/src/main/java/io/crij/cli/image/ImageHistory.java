package io.crij.cli.image;

import io.crij.admin.v1.ImageHistoryRequest;
import io.crij.admin.v1.ImageStep;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "history",
    description =
        "Prints how an image was built, the last step first: time, size in bytes, command.")
public final class ImageHistory implements Runnable {
  private final Supplier<Node> nodes;
  private final PrintWriter out;

  @Parameters(paramLabel = "IMAGE")
  private String image = "";

  public ImageHistory(Supplier<Node> nodes, PrintWriter out) {
    this.nodes = nodes;
    this.out = out;
  }

  @Override
  public void run() {
    try (Node node = nodes.get()) {
      ImageHistoryRequest request = ImageHistoryRequest.newBuilder().setImage(image).build();
      for (ImageStep step :
          node.admin(Node.SHORT).imageHistory(request).getStepsList().reversed()) {
        String created = step.getCreated().isEmpty() ? "-" : step.getCreated();
        String what = step.getCreatedBy().isEmpty() ? step.getComment() : step.getCreatedBy();
        out.println(created + " " + step.getSizeBytes() + " " + printable(what));
      }
    }
  }

  /** It comes from the image, and is not to steer the terminal. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ").strip();
  }
}
