package io.crij.cli.image;

import io.crij.admin.v1.ExportImagesRequest;
import io.crij.cli.connection.Node;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    description = {
      "Writes images to a file or folder of the node, which must not be there.",
      "In the OCI forms layers are compressed by gzip."
    })
public final class ImageExport implements Runnable {
  /** As skopeo names them. */
  enum Form {
    OCI_ARCHIVE("oci-archive", ExportImagesRequest.Form.FORM_OCI_ARCHIVE),
    OCI("oci", ExportImagesRequest.Form.FORM_OCI_FOLDER),
    DOCKER_ARCHIVE("docker-archive", ExportImagesRequest.Form.FORM_DOCKER_ARCHIVE);

    private final String word;
    private final ExportImagesRequest.Form form;

    Form(String word, ExportImagesRequest.Form form) {
      this.word = word;
      this.form = form;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  private final Supplier<Node> nodes;

  @Option(
      names = "--form",
      paramLabel = "FORM",
      description = "One of ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Form form = Form.OCI_ARCHIVE;

  @Parameters(index = "0", paramLabel = "PATH")
  private Path path = Path.of("");

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE")
  private List<String> images = List.of();

  public ImageExport(Supplier<Node> nodes) {
    this.nodes = nodes;
  }

  @Override
  public void run() {
    try (Node node = nodes.get()) {
      var _ =
          node.admin(Node.IMAGE)
              .exportImages(
                  ExportImagesRequest.newBuilder()
                      .setPath(path.toAbsolutePath().normalize().toString())
                      .setForm(form.form)
                      .addAllImages(images)
                      .build());
    }
  }
}
