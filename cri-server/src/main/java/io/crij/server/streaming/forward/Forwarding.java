package io.crij.server.streaming.forward;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.runtime.ServiceException;
import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.client.Receiver;
import io.crij.server.streaming.descriptor.Backlog;
import io.crij.server.streaming.descriptor.DescriptorReader;
import io.crij.server.streaming.descriptor.DescriptorWriter;
import io.crij.server.streaming.descriptor.LoopDescriptor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a client to a port of a pod. Each side's half close is passed on; it is over
 * with both, or with a reset. On the event loop of the client's connection.
 */
final class Forwarding implements Receiver {
  private static final Logger log = LoggerFactory.getLogger(Forwarding.class);

  private final Flow flow;
  private final ForwardedPod pod;
  private final int port;
  private final ClientStream data;
  private final ClientStream error;
  private final Runnable whenOver;
  private final DescriptorWriter writer;
  private final Runnable whenGone = this::stop;
  private final Consumer<String> whenStopped = this::failed;
  private @Nullable Fd socket;
  private @Nullable LoopDescriptor descriptor;
  private boolean clientEnded;
  private boolean podEnded;
  private boolean over;

  Forwarding(ForwardedPod pod, int port, Streams streams, Backlog backlog, Runnable whenOver) {
    this.flow = streams.flow();
    this.pod = pod;
    this.port = port;
    this.data = streams.data();
    this.error = streams.error();
    this.clientEnded = !streams.halfCloses();
    this.whenOver = whenOver;
    this.writer = new DescriptorWriter(backlog, this::clientEnded, this::stuck);
  }

  /**
   * A client's two streams for one connection.
   *
   * @param halfCloses whether the client can end its direction alone
   */
  record Streams(Flow flow, ClientStream data, ClientStream error, boolean halfCloses) {}

  void start() {
    data.receiver(this);
    flow.whenGone(whenGone);
    flow.whenStopped(whenStopped);
    Thread.ofVirtual().name("port forward").start(this::connect);
  }

  private void connect() {
    try {
      Fd connected = pod.connect(port);
      flow.eventLoop().execute(() -> connected(connected));
    } catch (ServiceException | LinuxException e) {
      flow.eventLoop().execute(() -> failed(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      log.error("port forward failed unexpectedly", e);
      flow.eventLoop().execute(() -> failed(e.toString()));
    }
  }

  private void connected(Fd connected) {
    if (over) {
      connected.close();
      return;
    }
    socket = connected;
    LoopDescriptor watched = LoopDescriptor.watch(flow.eventLoop(), connected);
    descriptor = watched;
    new DescriptorReader(watched, flow, data, this::podEnded).start();
    writer.open(watched);
  }

  private void failed(String reason) {
    if (over) {
      return;
    }
    String message =
        "error forwarding port %d to pod %s, uid : %s".formatted(port, pod.id(), reason);
    log.info("{}", message);
    error.write(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8));
    stop();
  }

  /** While it is waited for, the client is not heard on any of its connections. */
  private void stuck() {
    failed("what listens there takes nothing, and holds up the client's other connections");
  }

  @Override
  public void data(ByteBuf bytes) {
    writer.data(bytes);
  }

  @Override
  public void end() {
    writer.end();
  }

  @Override
  public void reset() {
    stop();
  }

  private void clientEnded() {
    clientEnded = true;
    if (descriptor != null) {
      descriptor.endWriting();
    }
    stopIfBothEnded();
  }

  private void podEnded() {
    podEnded = true;
    data.finish();
    error.finish();
    stopIfBothEnded();
  }

  private void stopIfBothEnded() {
    if (clientEnded && podEnded) {
      stop();
    }
  }

  private void stop() {
    if (over) {
      return;
    }
    over = true;
    flow.forget(whenGone);
    flow.forget(whenStopped);
    writer.close();
    if (descriptor != null) {
      descriptor.release();
    }
    if (socket != null) {
      socket.close();
    }
    error.finish();
    if (podEnded) {
      data.finish();
    } else {
      data.reset();
    }
    whenOver.run();
  }
}
