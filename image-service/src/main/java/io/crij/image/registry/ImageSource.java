package io.crij.image.registry;

import io.crij.image.manifest.Descriptor;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Where one image is fetched from: a repository at its registry and that registry's mirrors, see
 * {@link Registry#open}. Safe for use by many threads; blocks; gives way to interruption.
 *
 * <p>Failures are {@link io.crij.image.ImageException}s that name all hosts tried and why each
 * failed: NotFound, Unauthenticated, PermissionDenied, Unavailable (worth a later try),
 * FailedPrecondition (what was served is malformed or not what it should be). No message holds a
 * credential, a token or the query of a URL.
 */
public interface ImageSource extends AutoCloseable {
  /**
   * The manifest or index that the reference names. By tag or by digest, one request gives both
   * digest and bytes, so a tag that moves meanwhile cannot mix two images.
   */
  FetchedManifest resolve();

  /** A manifest or index that an index names, checked against its descriptor. */
  FetchedManifest manifest(Descriptor descriptor);

  /**
   * A small blob as a whole, such as an image's configuration, checked against its descriptor; at
   * most 4 MiB.
   */
  byte[] content(Descriptor descriptor);

  /**
   * A blob as a stream of exactly as many bytes as its descriptor says. An interrupted download
   * goes on where it was, at the same host or the next. The digest is the caller's to compute and
   * compare, since it passes over the bytes anyway; nothing read is to be trusted before.
   *
   * @throws io.crij.image.ImageException as above, also from {@link InputStream#read}
   */
  default InputStream blob(Descriptor descriptor) {
    return blob(descriptor, 0, descriptor.size(), _ -> {});
  }

  /**
   * A part of a blob, as {@link #blob(Descriptor)}. Several parts may be read at once. From a host
   * that serves no ranges all that comes before the part is read and thrown away.
   *
   * @param from the first byte
   * @param to the byte behind the last
   * @param troubles told, by the thread that opens or reads, of each host that failed and why,
   *     before it or another one is asked
   */
  InputStream blob(Descriptor descriptor, long from, long to, Consumer<String> troubles);

  /**
   * Whether parts of this blob are served as such; true until a host sent the whole instead. Worth
   * asking after a first part was opened and before more are.
   */
  boolean servesRanges(Descriptor descriptor);

  /**
   * Tells that the bytes that came of this blob do not have its digest: the host that served them
   * is not asked for this blob again, and is named with that reason should all others fail too.
   *
   * @return whether there is another host, from which the blob can be read anew from its start
   */
  boolean mistrust(Descriptor descriptor);

  /** Ends all that is under way. Reading from a blob then fails. */
  @Override
  void close();
}
