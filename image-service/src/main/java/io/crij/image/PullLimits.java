package io.crij.image;

import java.time.Duration;

/**
 * What all pulls of the node together may take.
 *
 * @param progressTimeout after which a pull ends that neither downloads nor unpacks a byte; zero
 *     for never
 * @param downloads connections that bring layers at the same time
 * @param unpacks layers made at the same time; each is a thread that inflates and one that writes
 */
public record PullLimits(Duration progressTimeout, int downloads, int unpacks) {
  /** More downloads, together with other requests, servers of HTTP/2 may refuse. */
  public static final int MOST = 64;

  public static final PullLimits DEFAULT = new PullLimits(Duration.ofMinutes(5), 12, 4);

  public PullLimits withProgressTimeout(Duration timeout) {
    return new PullLimits(timeout, downloads, unpacks);
  }
}
