package io.crij.image.registry;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.JsonObject;
import io.crij.image.manifest.ManifestDocument;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.session.HostFailure;
import io.crij.image.registry.session.HostRotation;
import io.crij.image.registry.session.HostSession;
import io.crij.image.registry.transport.RefusedException;
import io.crij.image.registry.transport.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An image at a registry and its mirrors. */
final class RemoteImage implements ImageSource {
  private static final Map<String, String> ACCEPT_MANIFESTS =
      Map.of(
          "Accept",
          String.join(
              ", ",
              MediaType.OCI_INDEX,
              MediaType.DOCKER_MANIFEST_LIST,
              MediaType.OCI_MANIFEST,
              MediaType.DOCKER_MANIFEST));

  private final ImageReference reference;
  private final HostRotation hosts;
  private final Map<Digest, RemoteBlob> blobs = new ConcurrentHashMap<>();

  private final Runnable atEnd;

  /**
   * @param atEnd run once it is closed
   */
  RemoteImage(ImageReference reference, HostRotation hosts, Runnable atEnd) {
    this.reference = reference;
    this.hosts = hosts;
    this.atEnd = atEnd;
  }

  @Override
  public FetchedManifest resolve() {
    Digest digest = reference.digest();
    if (digest != null) {
      return hosts.ask(
          "manifest of " + reference,
          Capability.PULL,
          host -> fetch(host, digest.toString(), digest, null));
    }
    return hosts.ask(
        "manifest of " + reference,
        Capability.RESOLVE,
        host -> fetch(host, String.valueOf(reference.tag()), null, null));
  }

  @Override
  public FetchedManifest manifest(Descriptor descriptor) {
    requireShort(descriptor);
    return hosts.ask(
        what("manifest", descriptor),
        Capability.PULL,
        host -> {
          String name = descriptor.digest().toString();
          FetchedManifest manifest = fetch(host, name, descriptor.digest(), descriptor.mediaType());
          descriptor.verify(manifest.bytes());
          return manifest;
        });
  }

  @Override
  public byte[] content(Descriptor descriptor) {
    requireShort(descriptor);
    return hosts.ask(
        what("blob", descriptor),
        Capability.PULL,
        host -> {
          try (Reply reply = host.get("/blobs/" + descriptor.digest(), Map.of(), false)) {
            new BlobRange(0, descriptor.size(), descriptor.size()).check(reply);
            byte[] bytes = reply.bytes((int) descriptor.size());
            descriptor.verify(bytes);
            return bytes;
          }
        });
  }

  @Override
  public InputStream blob(Descriptor descriptor, long from, long to, Consumer<String> troubles) {
    return new BlobStream(remote(descriptor), from, to, troubles);
  }

  @Override
  public boolean servesRanges(Descriptor descriptor) {
    return remote(descriptor).servedInRanges();
  }

  @Override
  public boolean mistrust(Descriptor descriptor) {
    return remote(descriptor).mistrust();
  }

  private RemoteBlob remote(Descriptor descriptor) {
    return blobs.computeIfAbsent(
        descriptor.digest(), _ -> new RemoteBlob(hosts, descriptor, what("blob", descriptor)));
  }

  /**
   * @param name a tag or a digest
   * @param digest what the bytes must have; null if only they can say
   * @param mediaType what they must be; null if any manifest or index will do
   */
  private static FetchedManifest fetch(
      HostSession host, String name, @Nullable Digest digest, @Nullable String mediaType)
      throws HostFailure, IOException {
    try (Reply reply = host.get("/manifests/" + name, ACCEPT_MANIFESTS, false)) {
      BlobRange.checkPlain(reply);
      String type = mediaType(reply, mediaType);
      byte[] bytes = reply.bytes(JsonObject.LONGEST);
      Digest verified = digest == null ? Digest.sha256(bytes) : digest;
      if (!verified.matches(bytes)) {
        throw new RefusedException("serves a manifest with another digest than " + verified);
      }
      checkHint(reply, bytes);
      return new FetchedManifest(verified, bytes, ManifestDocument.parse(bytes, type));
    }
  }

  /** The media type in which transport and descriptor agree; null if neither says it. */
  private static @Nullable String mediaType(Reply reply, @Nullable String expected)
      throws RefusedException {
    String header = reply.header("content-type");
    if (header == null) {
      return expected;
    }
    int semicolon = header.indexOf(';');
    String type = (semicolon < 0 ? header : header.substring(0, semicolon)).strip();
    type = type.toLowerCase(Locale.ROOT);
    if (expected != null && !expected.equals(type)) {
      throw new RefusedException("serves a manifest as another media type than " + expected);
    }
    return type;
  }

  /**
   * The header is never believed instead of the bytes, but where it contradicts them one of the two
   * is broken.
   */
  private static void checkHint(Reply reply, byte[] bytes) throws RefusedException {
    String hint = reply.header("docker-content-digest");
    try {
      if (hint == null || Digest.parse(hint).matches(bytes)) {
        return;
      }
    } catch (ImageException.InvalidArgument e) {
      throw new RefusedException("sends a malformed Docker-Content-Digest");
    }
    throw new RefusedException("serves a manifest with another digest than its header says");
  }

  private void requireShort(Descriptor descriptor) {
    if (descriptor.size() > JsonObject.LONGEST) {
      throw new ImageException.FailedPrecondition(
          "%s of %s has %d bytes, the limit is %d"
              .formatted(
                  descriptor.digest(), reference.name(), descriptor.size(), JsonObject.LONGEST));
    }
  }

  private String what(String kind, Descriptor descriptor) {
    return kind + " " + descriptor.digest() + " of " + reference.name();
  }

  @Override
  public void close() {
    hosts.close();
    atEnd.run();
  }
}
