package io.crij.monitor.forward;

import io.crij.linux.LinuxException;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.v1.ForwardRequest;
import io.crij.monitor.v1.ForwardedPort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All ports that lead elsewhere, by the names that clients have given them. To be used on the
 * monitor's loop, where outcomes are told too; the thread that moves the bytes begins with the
 * first port.
 */
public final class Forwards implements AutoCloseable {
  private static final int MOST_PORTS = 1024;

  /** The longest datagram. */
  private static final int BUFFER_BYTES = 64 << 10;

  private static final Duration ENDS_WITHIN = Duration.ofSeconds(2);

  /** What one name has. */
  private record Forward(List<ForwardedPort> ports, List<OpenPort> open, List<String> leftOut) {}

  private final Executor caller;
  private @Nullable Thread thread;
  private @Nullable EventLoop loop;

  // Of the thread alone.
  private final Map<String, Forward> forwards = new HashMap<>();
  private @Nullable NativeBuffer buffer;

  /**
   * @param caller the monitor's loop
   */
  public Forwards(Executor caller) {
    this.caller = caller;
  }

  /**
   * Has other ports lead elsewhere than this name had before; as before is success.
   *
   * @param done told why optional ports cannot be had
   * @param failed told when another port cannot be had; then this name has none
   * @throws IllegalArgumentException when one is none
   */
  public void replace(
      ForwardRequest request, Consumer<List<String>> done, Consumer<LinuxException> failed) {
    List<ForwardedPort> ports = request.getPortsList();
    if (ports.size() > MOST_PORTS) {
      throw new IllegalArgumentException("more than " + MOST_PORTS + " ports");
    }
    List<Route> routes = ports.stream().map(Route::of).toList();
    if (routes.isEmpty() && loop == null) {
      done.accept(List.of());
      return;
    }
    EventLoop mine = loop();
    mine.execute(() -> {
      try {
        List<String> leftOut = replace(mine, request.getName(), ports, routes);
        caller.execute(() -> done.accept(leftOut));
      } catch (LinuxException e) {
        caller.execute(() -> failed.accept(e));
      }
    });
  }

  /** Tells which names have ports. */
  public void names(Consumer<Set<String>> answer) {
    if (loop == null) {
      answer.accept(Set.of());
      return;
    }
    loop()
        .execute(() -> {
          Set<String> names = Set.copyOf(forwards.keySet());
          caller.execute(() -> answer.accept(names));
        });
  }

  private EventLoop loop() {
    EventLoop running = loop;
    if (running == null) {
      EventLoop begun = new EventLoop();
      loop = begun;
      thread = Thread.ofPlatform().daemon().name("forwards").start(begun::run);
      running = begun;
    }
    return running;
  }

  private List<String> replace(
      EventLoop mine, String name, List<ForwardedPort> ports, List<Route> routes) {
    Forward before = forwards.get(name);
    if (before != null && before.ports().equals(ports)) {
      return before.leftOut();
    }
    if (before != null) {
      forwards.remove(name);
      before.open().forEach(OpenPort::close);
    }
    if (routes.isEmpty()) {
      return List.of();
    }
    Forward forward = new Forward(ports, new ArrayList<>(), new ArrayList<>());
    try {
      for (Route route : routes) {
        open(mine, route, forward);
      }
    } catch (LinuxException e) {
      forward.open().forEach(OpenPort::close);
      throw e;
    }
    forwards.put(name, forward);
    return forward.leftOut();
  }

  private void open(EventLoop mine, Route route, Forward forward) {
    NativeBuffer shared = buffer == null ? NativeBuffer.allocate(BUFFER_BYTES) : buffer;
    buffer = shared;
    try {
      OpenPort port =
          route.transport().isStream()
              ? new StreamPort(mine, shared, route)
              : new DatagramPort(mine, shared, route);
      forward.open().add(port);
    } catch (LinuxException e) {
      if (!route.optional()) {
        throw e;
      }
      forward.leftOut().add(String.valueOf(e.getMessage()));
    }
  }

  /** Ends the thread; the ports are closed with the process. */
  @Override
  public void close() {
    EventLoop running = loop;
    Thread moving = thread;
    if (running == null || moving == null) {
      return;
    }
    running.stop();
    try {
      if (moving.join(ENDS_WITHIN)) {
        running.close();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
