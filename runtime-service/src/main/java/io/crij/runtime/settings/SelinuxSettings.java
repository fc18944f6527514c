package io.crij.runtime.settings;

/**
 * What SELinux is used for.
 *
 * @param enabled whether pods have labels, on a node that has SELinux
 * @param categories how many there are to give to pods, two to each; as {@code c0} to {@code c1023}
 * @param labelsHostNetwork whether processes of containers in the node's network have a label
 */
public record SelinuxSettings(boolean enabled, int categories, boolean labelsHostNetwork) {
  /** As many as the kernel's policy has. */
  public static final int ALL_CATEGORIES = 1024;

  /** When nothing is configured. */
  public static final SelinuxSettings OFF = new SelinuxSettings(false, ALL_CATEGORIES, false);
}
