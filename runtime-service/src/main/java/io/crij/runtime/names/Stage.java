package io.crij.runtime.names;

import java.util.Locale;

/** What is done for a pod or a container that is made or started, one after the other. */
public enum Stage {
  BEGINNING("beginning"),
  NAMESPACES("making namespaces"),
  NETWORK("attaching the network"),
  HOST_PORTS("opening host ports"),
  POD_FILES("making /dev/shm, resolv.conf and hosts"),
  INFRA_CONTAINER("running the infra container"),
  ROOT_FILE_SYSTEM("mounting the root file system"),
  IMAGE_VOLUMES("mounting image volumes"),
  SPECIFICATION("looking into the image and at what is to be mounted"),
  OCI_RUNTIME("waiting for the OCI runtime"),
  START("waiting for the OCI runtime to start the program"),
  TAKING_BACK("taking back what failed");

  private final String words;

  Stage(String words) {
    this.words = words;
  }

  /** As in "still {@code words} since 5 s". */
  public String words() {
    return words;
  }

  /** For labels, e.g. {@code host_ports}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
