package io.crij.e2e.survival;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.e2e.program.Eventually;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Frame;
import io.crij.linux.io.FrameSocket;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.ResumeSessionRequest;
import io.crij.monitor.v1.SessionEnded;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A client of conmon-j besides crijd, as a server of streams is: it opens sessions and attachments,
 * and when the monitor dies it resumes its sessions with the next one.
 */
public final class Visitor implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int ID_BYTES = 32;

  private final Path path;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, CompletableFuture<Frame>> replies = new ConcurrentHashMap<>();
  private final Map<String, VisitorStreams> sessions = new ConcurrentHashMap<>();
  private final Queue<Future<?>> resumptions = new ConcurrentLinkedQueue<>();
  private final Thread reader;
  private volatile FrameSocket socket;
  private final AtomicInteger connections = new AtomicInteger(1);
  private volatile boolean leaving;

  private Visitor(Path path) {
    this.path = path;
    socket = FrameSocket.connect(path);
    reader = Thread.ofPlatform().name("visitor").daemon().start(this::serve);
  }

  /** Connects to a monitor. */
  public static Visitor of(Path socket) {
    return new Visitor(socket);
  }

  /** How often it has connected. */
  int connections() {
    return connections.get();
  }

  /** Has a shell script executed. */
  VisitorStreams exec(String container, boolean tty, String script) {
    String id = newId();
    String process =
        """
        {"terminal":%s,"user":{"uid":0,"gid":0},"cwd":"/","args":["sh","-c","%s"],
         "env":["PATH=/bin:/usr/bin:/sbin:/usr/sbin"]}\
        """
            .formatted(tty, script.replace("\"", "\\\""));
    ExecRequest.Builder exec =
        ExecRequest.newBuilder()
            .setSessionId(id)
            .setContainerId(container)
            .setTty(tty)
            .setProcess(ByteString.copyFromUtf8(process));
    Frame frame = call(Request.newBuilder().setExec(exec));
    VisitorStreams streams =
        new VisitorStreams(id, reply(frame).getExec().getFdsList(), frame.descriptors());
    sessions.put(id, streams);
    return streams;
  }

  /** Attaches to the terminal of a container. */
  VisitorStreams attach(String container) {
    String id = newId();
    AttachRequest.Builder attach =
        AttachRequest.newBuilder()
            .setAttachmentId(id)
            .setContainerId(container)
            .setStdin(true)
            .setStdout(true);
    Frame frame = call(Request.newBuilder().setAttach(attach));
    return new VisitorStreams(id, reply(frame).getAttach().getFdsList(), frame.descriptors());
  }

  private static String newId() {
    byte[] id = new byte[ID_BYTES];
    new SecureRandom().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private Frame call(Request.Builder request) {
    AtomicReference<Frame> answer = new AtomicReference<>();
    Eventually.holds(LIMIT, () -> isAnswered(request, answer), () -> "no answer to " + request);
    Frame frame = Objects.requireNonNull(answer.get());
    if (reply(frame).hasFailure()) {
      throw new AssertionError(reply(frame).toString());
    }
    return frame;
  }

  /**
   * False when the connection ended before the answer, as one to a monitor that was killed does.
   */
  private boolean isAnswered(Request.Builder request, AtomicReference<Frame> answer) {
    try {
      answer.set(send(request, List.of()).orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join());
      return true;
    } catch (LinuxException | CancellationException _) {
      return false;
    }
  }

  private CompletableFuture<Frame> send(Request.Builder request, List<Fd> descriptors) {
    long id = ids.incrementAndGet();
    CompletableFuture<Frame> reply = new CompletableFuture<>();
    replies.put(id, reply);
    socket.send(request.setId(id).build().toByteArray(), descriptors);
    return reply;
  }

  private static Reply reply(Frame frame) {
    return message(frame).getReply();
  }

  private static FromMonitor message(Frame frame) {
    try {
      return FromMonitor.parseFrom(frame.bytes());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("not a message of a monitor", e);
    }
  }

  private void serve() {
    while (true) {
      readToTheEnd();
      if (leaving) {
        return;
      }
      socket.close();
      replies.values().removeIf(reply -> reply.cancel(false));
      Eventually.holds(LIMIT, this::connect, () -> "nobody listens at " + path);
    }
  }

  private void readToTheEnd() {
    try {
      Frame frame;
      while ((frame = socket.receive()) != null) {
        FromMonitor message = message(frame);
        if (message.hasReply()) {
          Objects.requireNonNull(replies.remove(message.getReply().getId())).complete(frame);
        } else if (message.hasSessionEnded()) {
          ended(message.getSessionEnded());
        }
      }
    } catch (LinuxException _) {
      // It was killed.
    }
  }

  private void ended(SessionEnded end) {
    Objects.requireNonNull(sessions.get(end.getSessionId())).end().complete(end);
  }

  /** Also when the one that listens dies at once. */
  private boolean connect() {
    try {
      socket = FrameSocket.connect(path);
      for (VisitorStreams session : sessions.values()) {
        resume(session);
      }
      connections.incrementAndGet();
      if (leaving) {
        // close() may have closed the connection before this one.
        socket.close();
      }
      return true;
    } catch (LinuxException _) {
      return false;
    }
  }

  private void resume(VisitorStreams session) {
    ResumeSessionRequest.Builder resume =
        ResumeSessionRequest.newBuilder().setSessionId(session.id());
    Fd terminal = session.terminal();
    if (terminal != null) {
      resume.addFds(FdKind.FD_KIND_TTY);
    }
    CompletableFuture<Frame> reply =
        send(
            Request.newBuilder().setResumeSession(resume),
            terminal == null ? List.of() : List.of(terminal));
    resumptions.add(
        reply.thenAccept(frame -> {
          if (reply(frame).hasFailure()) {
            session.end().completeExceptionally(new AssertionError(reply(frame).toString()));
          }
        }));
  }

  @Override
  public void close() {
    leaving = true;
    socket.close();
    try {
      reader.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    sessions.values().forEach(VisitorStreams::close);
  }
}
