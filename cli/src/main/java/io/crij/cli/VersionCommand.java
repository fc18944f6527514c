package io.crij.cli;

import io.crij.cli.connection.Node;
import io.crij.cri.v1.VersionRequest;
import io.crij.cri.v1.VersionResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Versions of this program and of crijd.")
final class VersionCommand implements Runnable {
  private final Crij crij;
  private final PrintWriter out;

  VersionCommand(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Override
  public void run() {
    out.println("crij " + ownVersion());
    try (Node node = crij.connect()) {
      VersionResponse version =
          node.runtime(Node.SHORT).version(VersionRequest.getDefaultInstance());
      out.println("crijd " + version.getRuntimeVersion());
      out.println("CRI " + version.getRuntimeApiVersion());
    }
  }

  private static String ownVersion() {
    Properties build = new Properties();
    try (InputStream in = VersionCommand.class.getResourceAsStream("build.properties")) {
      build.load(Objects.requireNonNull(in, "build.properties"));
    } catch (IOException e) {
      throw new UncheckedIOException("read build.properties: " + e.getMessage(), e);
    }
    return build.getProperty("version", "");
  }
}
