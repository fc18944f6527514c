package io.crij.runtime.oci;

/**
 * What versions can do that have no command {@code features} to say it.
 *
 * <p>crun has it from 1.8.6 on, runc from 1.1 on, which is also the first that can make mounts
 * read-only with those below them; crun can from 1.4 on (its NEWS). Neither maps the owners of
 * mounts, as pods with user namespaces need it, before it can say so.
 */
final class KnownFeatures {
  private static final RuntimeVersion FIRST_CRUN = new RuntimeVersion("crun", 1, 4, 0);

  private KnownFeatures() {}

  /**
   * @param output of the runtime's {@code --version}
   */
  static HandlerFeatures of(String output) {
    RuntimeVersion version = RuntimeVersion.find(output);
    boolean recursive =
        version != null
            && version.program().equals(FIRST_CRUN.program())
            && !version.isBefore(FIRST_CRUN);
    return new HandlerFeatures(recursive, false);
  }
}
