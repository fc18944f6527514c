package io.crij.image.registry;

import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.session.HostFailure;
import io.crij.image.registry.session.HostRotation;
import io.crij.image.registry.session.HostSession;
import io.crij.image.registry.session.HttpStatus;
import io.crij.image.registry.transport.Reply;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A blob at the hosts that may have it, less those that served something else instead. */
final class RemoteBlob {
  private final HostRotation hosts;
  private final Descriptor descriptor;
  private final String what;

  private final Set<HostSession> served = new HashSet<>();
  private final Map<HostSession, HostFailure> mistrusted = new HashMap<>();
  private volatile boolean inRanges = true;

  RemoteBlob(HostRotation hosts, Descriptor descriptor, String what) {
    this.hosts = hosts;
    this.descriptor = descriptor;
    this.what = what;
  }

  /** An answer, and whose it is. */
  record Source(HostSession host, Reply reply) {}

  HostRotation hosts() {
    return hosts;
  }

  Descriptor descriptor() {
    return descriptor;
  }

  /** For messages. */
  String what() {
    return what;
  }

  /**
   * Asks for the bytes from one offset to another; the answer's body begins with the first.
   *
   * @param troubles told of each host that failed and why
   */
  Source open(long from, long to, Consumer<String> troubles) {
    BlobRange range = new BlobRange(from, to, descriptor.size());
    Map<HostSession, HostFailure> ruledOut;
    synchronized (this) {
      ruledOut = Map.copyOf(mistrusted);
    }
    Source source =
        hosts.ask(
            what, Capability.PULL, ruledOut, troubles, host -> new Source(host, open(host, range)));
    synchronized (this) {
      served.add(source.host);
    }
    return source;
  }

  private Reply open(HostSession host, BlobRange range) throws HostFailure, IOException {
    Map<String, String> headers = range.headers();
    Reply reply = host.get("/blobs/" + descriptor.digest(), headers, true);
    try {
      range.check(reply);
      if (reply.status() == HttpStatus.OK) {
        inRanges = inRanges && headers.isEmpty();
        reply.body().skipNBytes(range.from()); // it knows no ranges
      }
      return reply;
    } catch (IOException | RuntimeException e) {
      reply.close();
      throw e;
    }
  }

  boolean servedInRanges() {
    return inRanges;
  }

  /**
   * Rules out whoever served what was not the blob. Of several that served parts of it, the last in
   * configured order, which is closest to the registry, is believed once more: alone.
   *
   * @return whether anyone is left to be asked
   */
  synchronized boolean mistrust() {
    List<HostSession> suspects = hosts.hosts().stream().filter(served::contains).toList();
    served.clear();
    if (suspects.isEmpty()) {
      return false;
    }
    int guilty = Math.max(1, suspects.size() - 1);
    for (HostSession suspect : suspects.subList(0, guilty)) {
      mistrusted.put(
          suspect,
          HostFailure.lasting(
              HostFailure.Kind.REFUSED, "served other bytes than " + descriptor.digest()));
    }
    return hosts.hosts().stream()
        .anyMatch(host -> host.host().can(Capability.PULL) && !mistrusted.containsKey(host));
  }
}
