package io.crij.e2e.node;

import io.crij.cri.v1.ContainerEventResponse;
import io.crij.cri.v1.GetEventsRequest;
import io.crij.cri.v1.VersionRequest;
import io.crij.e2e.program.Eventually;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client of GetContainerEvents hears, from the moment at which it listens. */
public final class HeardEvents implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration LIFE = Duration.ofMinutes(10);

  private final io.crij.cli.connection.Node cri;
  private final List<ContainerEventResponse> heard = new ArrayList<>();
  private @Nullable String end;

  private HeardEvents(io.crij.cli.connection.Node cri) {
    this.cri = cri;
  }

  /** Listens: what is done after this returned is heard. */
  public static HeardEvents listen(Node node) {
    HeardEvents events =
        new HeardEvents(
            new io.crij.cli.connection.Node(Path.of(URI.create(node.endpoint()).getPath())));
    Iterator<ContainerEventResponse> stream =
        events.cri.runtime(LIFE).getContainerEvents(GetEventsRequest.getDefaultInstance());
    Thread.ofVirtual().name("events").start(() -> events.hear(stream));
    // Calls of one connection begin in their order.
    var _ = events.cri.runtime(PATIENCE).version(VersionRequest.getDefaultInstance());
    return events;
  }

  private void hear(Iterator<ContainerEventResponse> stream) {
    try {
      stream.forEachRemaining(this::add);
    } catch (StatusRuntimeException e) {
      end(String.valueOf(e.getMessage()));
    }
  }

  private synchronized void add(ContainerEventResponse event) {
    heard.add(event);
  }

  private synchronized void end(String how) {
    end = how;
  }

  /** The connection on which it listens. */
  public io.crij.cli.connection.Node cri() {
    return cri;
  }

  /** All so far. */
  public synchronized List<ContainerEventResponse> all() {
    return List.copyOf(heard);
  }

  /** Id and type of each, for example {@code 12ab… STOPPED}. */
  public List<String> names() {
    return all().stream().map(HeardEvents::name).toList();
  }

  private static String name(ContainerEventResponse event) {
    String type = event.getContainerEventType().name();
    return event.getContainerId() + " " + type.replace("CONTAINER_", "").replace("_EVENT", "");
  }

  /** The event of this name, once it is heard. */
  public ContainerEventResponse await(String name) {
    Eventually.holds(PATIENCE, () -> names().contains(name), () -> name + " in " + names());
    return all().get(names().indexOf(name));
  }

  /** How the stream ended, once it has. */
  public String awaitEnd() {
    Eventually.holds(PATIENCE, () -> how() != null, () -> "the stream goes on");
    return String.valueOf(how());
  }

  private synchronized @Nullable String how() {
    return end;
  }

  @Override
  public void close() {
    cri.close();
  }
}
