package io.crij.cli.image;

import io.crij.admin.v1.CheckImagesRequest;
import io.crij.admin.v1.CheckImagesResponse;
import io.crij.admin.v1.ImageFinding;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "check",
    description = {
      "Reads all that images are made of, and prints what is lost or damaged.",
      "Exit status 1 if something is, and stays so."
    })
public final class ImageCheck implements Callable<Integer> {
  private static final int DAMAGED = 1;

  private final Supplier<Node> nodes;
  private final PrintWriter out;

  @Option(names = "--repair", description = "Fetch anew what is lost or damaged, and nothing else.")
  private boolean repair;

  @Option(
      names = "--quick",
      description = "Look whether all is there and has its length, and do not read it.")
  private boolean quick;

  public ImageCheck(Supplier<Node> nodes, PrintWriter out) {
    this.nodes = nodes;
    this.out = out;
  }

  @Override
  public Integer call() {
    try (Node node = nodes.get()) {
      CheckImagesResponse checked =
          node.admin(Node.IMAGE)
              .checkImages(
                  CheckImagesRequest.newBuilder().setRepair(repair).setQuick(quick).build());
      long bad = 0;
      for (ImageFinding finding : checked.getFindingsList()) {
        bad += finding.getRepaired() ? 0 : 1;
        out.println(line(finding, repair));
      }
      out.println(
          "checked "
              + checked.getCheckedLayers()
              + " layers and "
              + checked.getCheckedBlobs()
              + " documents: "
              + (bad == 0 ? "all whole" : bad + " lost or damaged"));
      return bad == 0 ? 0 : DAMAGED;
    }
  }

  private static String line(ImageFinding finding, boolean repair) {
    String what = finding.getKind() == ImageFinding.Kind.KIND_LAYER ? "layer " : "document ";
    String outcome =
        finding.getRepaired() ? ": repaired" : ": not repaired: " + finding.getFailure();
    return what
        + finding.getDigest()
        + " of "
        + String.join(" ", finding.getImagesList())
        + ": "
        + finding.getProblem()
        + (repair ? outcome : "");
  }
}
