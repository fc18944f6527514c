package io.crij.image;

import java.nio.file.Path;

/** A process that pulls one image and ends; to be killed meanwhile. */
final class PullProgram {
  private PullProgram() {}

  public static void main(String[] arguments) throws Exception {
    try (TestNode node = new TestNode(Path.of(arguments[0]))) {
      node.pull(arguments[1]);
    }
  }
}
