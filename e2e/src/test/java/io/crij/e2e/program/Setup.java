package io.crij.e2e.program;

import java.nio.file.Path;

/**
 * What the build prepared for these tests; {@code make test} and {@code make critest} name it in
 * system properties.
 *
 * @param dist the built product
 * @param goTools crictl, critest and the programs of images: {@code build/go-tools.sh}
 * @param debianFiles unpacked packages: {@code build/deb-files.sh}
 * @param scratch a folder on disk of this module's build
 */
public record Setup(Path dist, Path goTools, Path debianFiles, Path scratch) {
  public static Setup read() {
    return new Setup(
        path("crij.dist"), path("crij.go-tools"), path("crij.deb-files"), path("crij.scratch"));
  }

  /** The programs of Kubernetes, which only its tests need: {@code build/kubernetes.sh}. */
  public static Path kubernetes() {
    return path("crij.kubernetes");
  }

  /** OCI runtimes that only their tests need: {@code build/handler-tools.sh}. */
  public static Path handlerTools() {
    return path("crij.handler-tools");
  }

  /** The product as a Debian package: {@code make deb}. */
  public static Path debianPackage() {
    return path("crij.deb");
  }

  /** The same with a higher version: {@code make deb DEB_VERSION=…}. */
  public static Path newerDebianPackage() {
    return path("crij.deb.newer");
  }

  /** A Debian for a virtual machine: {@code build/vm-image.sh}. */
  public static Path machineImage() {
    return path("crij.vm-image");
  }

  /** A program of the product. */
  public String program(String name) {
    return dist.resolve("bin").resolve(name).toString();
  }

  private static Path path(String property) {
    String value = System.getProperty(property);
    if (value == null || value.isEmpty()) {
      throw new IllegalStateException(
          property
              + " is not set: run these tests by `make test`, `make e2e`, `make test-kubernetes`,"
              + " `make test-handlers` or `make test-vm`");
    }
    return Path.of(value);
  }
}
