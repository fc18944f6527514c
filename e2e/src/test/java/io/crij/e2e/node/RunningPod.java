package io.crij.e2e.node;

import java.io.IOException;

/** A pod of a node, whose containers are all made of one image. */
public record RunningPod(Node node, PodFiles files, String image, String id) {
  /** Pulls the image and runs a pod. */
  public static RunningPod run(Node node, String name, String image) throws IOException {
    PodFiles files = new PodFiles(node.podLogs(name), name);
    node.crictl().run("pull", image);
    return new RunningPod(node, files, image, node.crictl().run("runp", files.pod()));
  }

  /** Starts its container, and gives the id. */
  public String start(String... command) throws IOException {
    String container =
        node.crictl().run("create", id, files.container("main", image, command), files.pod());
    node.crictl().run("start", container);
    return container;
  }
}
