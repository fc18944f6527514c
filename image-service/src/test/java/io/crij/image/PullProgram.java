package io.crij.image;

import io.crij.image.ImageStoreConfig.LayerFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that pulls one image and ends; to be killed meanwhile. */
final class PullProgram {
  private PullProgram() {}

  /** Starts it. */
  static Process start(Path store, String name, LayerFormat format) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new ProcessBuilder(
            List.of(
                java.toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PullProgram.class.getName(),
                store.toString(),
                name,
                format.name()))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  public static void main(String[] arguments) throws Exception {
    try (TestNode node = new TestNode(Path.of(arguments[0]), LayerFormat.valueOf(arguments[2]))) {
      node.pull(arguments[1]);
    }
  }
}
