package io.crij.runtime.monitor;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Frame;
import io.crij.linux.io.FrameSocket;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to conmon-j. Sends and receives on a platform thread each, since the socket's
 * calls block their thread; callers may be virtual threads.
 */
final class MonitorConnection implements AutoCloseable {
  /** Gets what the monitor tells by itself, in its order, on the receiving thread. */
  interface Listener {
    /** A frame that is no reply; it owns the descriptors. */
    void received(FromMonitor message, List<Fd> descriptors);
  }

  private static final Logger log = LoggerFactory.getLogger(MonitorConnection.class);
  private static final int QUEUE_LIMIT = 4096;

  private record Outgoing(Request request, List<Fd> descriptors) {
    static final Outgoing END = new Outgoing(Request.getDefaultInstance(), List.of());
  }

  private final FrameSocket socket;
  private final Listener listener;
  private final BlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>(QUEUE_LIMIT);
  private final Map<Long, CompletableFuture<Reply>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final CountDownLatch ended = new CountDownLatch(1);

  private MonitorConnection(FrameSocket socket, Listener listener) {
    this.socket = socket;
    this.listener = listener;
  }

  /**
   * Connects.
   *
   * @throws LinuxException ENOENT or ECONNREFUSED when no monitor listens
   */
  static MonitorConnection open(Path path, Listener listener) {
    MonitorConnection connection = new MonitorConnection(FrameSocket.connect(path), listener);
    Thread.ofPlatform().name("monitor-receive").daemon().start(connection::receive);
    Thread.ofPlatform().name("monitor-send").daemon().start(connection::send);
    return connection;
  }

  /**
   * Sends a request and waits for its reply.
   *
   * @param request without its id
   * @param descriptors the caller goes on owning them, and must keep them open until this returns
   * @throws MonitorFailure as the monitor answered
   * @throws TimeoutException when it does not answer in time
   */
  Reply call(Request.Builder request, List<Fd> descriptors, Duration timeout)
      throws MonitorFailure, ConnectionLost, TimeoutException, InterruptedException {
    long id = lastId.incrementAndGet();
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    waiting.put(id, reply);
    try {
      if (ended.getCount() == 0) {
        throw new ConnectionLost("the monitor has closed the connection");
      }
      if (!outgoing.offer(new Outgoing(request.setId(id).build(), descriptors))) {
        throw new TimeoutException("more than " + QUEUE_LIMIT + " requests wait for the monitor");
      }
      Reply answer = reply.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      if (answer.hasFailure()) {
        throw new MonitorFailure(answer.getFailure());
      }
      return answer;
    } catch (ExecutionException e) {
      throw new ConnectionLost("the connection ended: " + e.getMessage());
    } finally {
      waiting.remove(id);
    }
  }

  /** Waits for the connection's end. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  private void send() {
    try {
      while (true) {
        Outgoing next = outgoing.take();
        if (next.request().getId() == 0) {
          return;
        }
        socket.send(next.request().toByteArray(), next.descriptors());
      }
    } catch (LinuxException | IllegalStateException e) {
      end(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end("interrupted");
    }
  }

  private void receive() {
    String reason = "the monitor has closed the connection";
    try (socket) {
      for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
        dispatch(parse(frame), frame);
      }
    } catch (LinuxException | IOException e) {
      reason = "connection to the monitor: " + e.getMessage();
    } finally {
      end(reason);
    }
  }

  /** Without a copy of what a command wrote: nobody else has the frame's bytes. */
  private static FromMonitor parse(Frame frame) throws IOException {
    CodedInputStream in = UnsafeByteOperations.unsafeWrap(frame.bytes()).newCodedInput();
    in.enableAliasing(true);
    return FromMonitor.parseFrom(in);
  }

  private void dispatch(FromMonitor message, Frame frame) {
    if (message.hasReply()) {
      frame.close();
      CompletableFuture<Reply> reply = waiting.remove(message.getReply().getId());
      if (reply != null) {
        reply.complete(message.getReply());
      }
      return;
    }
    try {
      listener.received(message, frame.descriptors());
    } catch (RuntimeException e) {
      // One message that cannot be handled must not end the connection for all containers.
      log.error("message {} of the monitor: {}", message.getKindCase(), e.getMessage(), e);
    }
  }

  private void end(String reason) {
    socket.close();
    ended.countDown();
    outgoing.clear();
    outgoing.add(Outgoing.END);
    waiting.values().forEach(reply -> reply.completeExceptionally(new ConnectionLost(reason)));
  }

  @Override
  public void close() {
    end("the connection to the monitor was closed");
  }
}
