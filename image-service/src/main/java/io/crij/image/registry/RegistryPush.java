package io.crij.image.registry;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.session.HostFailure;
import io.crij.image.registry.session.HostRotation;
import io.crij.image.registry.session.HostSession;
import io.crij.image.registry.session.HttpStatus;
import io.crij.image.registry.transport.Body;
import io.crij.image.registry.transport.RefusedException;
import io.crij.image.registry.transport.Reply;
import io.crij.image.registry.transport.Request;
import java.io.IOException;

/**
 * Pushes to one repository, see {@link Registry#push}: its blobs first, then the manifest, under
 * whose name the registry shows the image (OCI distribution specification, "Push"). Safe for use by
 * many threads; blocks; gives way to interruption. Failures are {@link ImageException}s as those of
 * {@link ImageSource}.
 */
public final class RegistryPush implements AutoCloseable {
  private static final int CREATED = 201;
  private static final int NOT_FOUND = 404;

  private final ImageReference reference;
  private final HostRotation host;
  private final long chunkBytes;

  /**
   * @param host the registry alone
   * @param chunkBytes what is longer is sent in pieces of this length
   */
  RegistryPush(ImageReference reference, HostRotation host, long chunkBytes) {
    this.reference = reference;
    this.host = host;
    this.chunkBytes = chunkBytes;
  }

  /** Whether the repository has this blob. */
  public boolean has(Descriptor blob) {
    return host.ask(what("blob", blob.digest()), Capability.PUSH, session -> has(session, blob));
  }

  /** Sends a blob, unless the repository has it. */
  public void blob(Descriptor blob, BlobContent content) {
    host.ask(
        what("blob", blob.digest()),
        Capability.PUSH,
        session -> {
          if (!has(session, blob)) {
            new BlobUpload(session, blob, content, chunkBytes).run();
          }
          return blob;
        });
  }

  /**
   * Takes a blob over from another repository of the registry, without sending it.
   *
   * @param repository its path there; one that {@link Registry#push} was told of
   * @return whether the registry did so
   */
  public boolean mount(Descriptor blob, String repository) {
    return host.ask(
        what("blob", blob.digest()),
        Capability.PUSH,
        session -> BlobUpload.mount(session, blob, repository));
  }

  /**
   * Sends a manifest or index, under the tag of the reference or, if it has none, by its digest.
   *
   * @return its digest
   */
  public Digest manifest(byte[] bytes, String mediaType) {
    Digest digest = Digest.sha256(bytes);
    String tag = reference.tag();
    String name = tag == null ? digest.toString() : tag;
    return host.ask(
        what("manifest", digest),
        Capability.PUSH,
        session -> put(session, "/manifests/" + name, bytes, mediaType, digest));
  }

  /** Sends a manifest that an index names, by its digest. */
  public Digest part(byte[] bytes, String mediaType) {
    Digest digest = Digest.sha256(bytes);
    return host.ask(
        what("manifest", digest),
        Capability.PUSH,
        session -> put(session, "/manifests/" + digest, bytes, mediaType, digest));
  }

  private static boolean has(HostSession session, Descriptor blob) throws HostFailure, IOException {
    try (Reply reply = session.send(Request.of("HEAD", session.uri("/blobs/" + blob.digest())))) {
      if (reply.status() == NOT_FOUND) {
        return false;
      }
      if (!HttpStatus.isSuccess(reply.status())) {
        throw HttpStatus.failure(reply);
      }
      return reply.length() < 0 || reply.length() == blob.size();
    }
  }

  private static Digest put(
      HostSession session, String path, byte[] bytes, String mediaType, Digest digest)
      throws HostFailure, IOException {
    Request request = Request.of("PUT", session.uri(path)).withBody(Body.of(bytes, mediaType));
    try (Reply reply = session.send(request)) {
      if (reply.status() != CREATED) {
        throw HttpStatus.failure(reply);
      }
      String stored = reply.header("docker-content-digest");
      if (stored != null && !stored.equals(digest.toString())) {
        throw new RefusedException("stored the manifest with another digest than " + digest);
      }
      return digest;
    }
  }

  private String what(String kind, Digest digest) {
    return kind + " " + digest + " of " + reference.name();
  }

  @Override
  public void close() {
    host.close();
  }
}
