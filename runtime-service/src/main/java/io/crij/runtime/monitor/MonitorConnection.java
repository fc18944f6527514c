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

  /**
   * A reply with the descriptors that came with it.
   *
   * @param descriptors owned by the receiver
   */
  record Answer(Reply reply, List<Fd> descriptors) {
    void close() {
      descriptors.forEach(Fd::close);
    }
  }

  private record Outgoing(Request request, List<Fd> descriptors) {
    static final Outgoing END = new Outgoing(Request.getDefaultInstance(), List.of());
  }

  private final FrameSocket socket;
  private final Listener listener;
  private final BlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>(QUEUE_LIMIT);
  private final Map<Long, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
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

  /** A request under way. */
  final class Call {
    private final long id;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    private Call(long id) {
      this.id = id;
    }

    /**
     * Waits for the reply.
     *
     * @throws MonitorFailure as the monitor answered
     * @throws TimeoutException when it does not answer in time
     */
    Reply await(Duration timeout)
        throws MonitorFailure, ConnectionLost, TimeoutException, InterruptedException {
      Answer got = awaitAnswer(timeout);
      got.close();
      return got.reply();
    }

    /** The same, where the reply brings descriptors. */
    Answer awaitAnswer(Duration timeout)
        throws MonitorFailure, ConnectionLost, TimeoutException, InterruptedException {
      try {
        Answer got = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (got.reply().hasFailure()) {
          got.close();
          throw new MonitorFailure(got.reply().getFailure());
        }
        return got;
      } catch (ExecutionException e) {
        throw new ConnectionLost("the connection ended: " + e.getMessage());
      } catch (TimeoutException | InterruptedException e) {
        // It may come all the same.
        CompletableFuture<Void> _ = answer.thenAccept(Answer::close);
        throw e;
      } finally {
        waiting.remove(id);
      }
    }
  }

  /**
   * Sends a request; its reply has to be awaited.
   *
   * @param request without its id
   * @param descriptors the caller goes on owning them, and must keep them open until the reply came
   * @throws TimeoutException when too many requests wait to be sent
   */
  Call begin(Request.Builder request, List<Fd> descriptors)
      throws ConnectionLost, TimeoutException {
    Call call = new Call(lastId.incrementAndGet());
    waiting.put(call.id, call.answer);
    if (ended.getCount() == 0) {
      waiting.remove(call.id);
      throw new ConnectionLost("the monitor has closed the connection");
    }
    if (!outgoing.offer(new Outgoing(request.setId(call.id).build(), descriptors))) {
      waiting.remove(call.id);
      throw new TimeoutException("more than " + QUEUE_LIMIT + " requests wait for the monitor");
    }
    return call;
  }

  /** Sends a request and waits for its reply. */
  Reply call(Request.Builder request, List<Fd> descriptors, Duration timeout)
      throws MonitorFailure, ConnectionLost, TimeoutException, InterruptedException {
    return begin(request, descriptors).await(timeout);
  }

  /** The same, of a request whose reply brings descriptors. */
  Answer callForDescriptors(Request.Builder request, List<Fd> descriptors, Duration timeout)
      throws MonitorFailure, ConnectionLost, TimeoutException, InterruptedException {
    return begin(request, descriptors).awaitAnswer(timeout);
  }

  /** Waits for the connection's end; false when it goes on after {@code timeout}. */
  boolean awaitEnd(Duration timeout) throws InterruptedException {
    return ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** The process that serves the connection. */
  int peerPid() {
    return socket.peer().pid();
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
      CompletableFuture<Answer> reply = waiting.remove(message.getReply().getId());
      Answer answer = new Answer(message.getReply(), frame.descriptors());
      if (reply == null || !reply.complete(answer)) {
        answer.close();
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
