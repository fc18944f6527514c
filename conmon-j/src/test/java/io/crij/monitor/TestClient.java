package io.crij.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Frame;
import io.crij.linux.io.FrameSocket;
import io.crij.monitor.v1.AdoptRequest;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Detached;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.ForgetRequest;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.HelloReply;
import io.crij.monitor.v1.HelloRequest;
import io.crij.monitor.v1.KeepRequest;
import io.crij.monitor.v1.Kept;
import io.crij.monitor.v1.ListReply;
import io.crij.monitor.v1.ListRequest;
import io.crij.monitor.v1.OutOfMemory;
import io.crij.monitor.v1.ReopenLogRequest;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.SessionEnded;
import io.crij.monitor.v1.StdinClosed;
import io.crij.monitor.v1.UpgradeRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A client of the monitor for tests: blocking calls, and all it is told kept for asking. */
final class TestClient implements AutoCloseable {
  private static final int SECONDS = 120;

  private final FrameSocket socket;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, BlockingQueue<Reply>> replies = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<Exited>> exits = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<KeptContainer>> kept = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<SessionEnded>> ends = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<Detached>> detached = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<OutOfMemory>> outOfMemory = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<StdinClosed>> stdinClosed = new ConcurrentHashMap<>();
  private final Map<Long, List<Fd>> given = new ConcurrentHashMap<>();
  private final BlockingQueue<HelloReply> upgraded = new LinkedBlockingQueue<>();
  private final Thread reader;
  private long begun;

  /** A container of which a keeper has descriptors. */
  record KeptContainer(Kept message, List<Fd> descriptors) {
    Fd fd(FdKind kind) {
      return descriptors.get(message.getFdsList().indexOf(kind));
    }
  }

  /** Streams of a session or an attachment; closed by the test. */
  record Streams(String id, List<FdKind> kinds, List<Fd> descriptors) implements AutoCloseable {
    Fd fd(FdKind kind) {
      return descriptors.get(kinds.indexOf(kind));
    }

    boolean has(FdKind kind) {
      return kinds.contains(kind);
    }

    @Override
    public void close() {
      descriptors.forEach(Fd::close);
    }
  }

  private TestClient(FrameSocket socket) {
    this.socket = socket;
    reader = Thread.ofPlatform().daemon().start(this::read);
  }

  static TestClient connect(Path socket) throws InterruptedException {
    for (int i = 0; ; i++) {
      try {
        return new TestClient(FrameSocket.connect(socket));
      } catch (LinuxException e) {
        if (i == 3000) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }

  private void read() {
    try {
      Frame frame;
      while ((frame = socket.receive()) != null) {
        FromMonitor message = FromMonitor.parseFrom(frame.bytes());
        switch (message.getKindCase()) {
          case REPLY -> {
            if (!frame.descriptors().isEmpty()) {
              given.put(message.getReply().getId(), frame.descriptors());
            }
            queue(replies, message.getReply().getId()).add(message.getReply());
          }
          case EXITED ->
              queue(exits, message.getExited().getContainerId()).add(message.getExited());
          case KEPT ->
              queue(kept, message.getKept().getContainerId())
                  .add(new KeptContainer(message.getKept(), frame.descriptors()));
          case SESSION_ENDED ->
              queue(ends, message.getSessionEnded().getSessionId()).add(message.getSessionEnded());
          case DETACHED ->
              queue(detached, message.getDetached().getAttachmentId()).add(message.getDetached());
          case OUT_OF_MEMORY ->
              queue(outOfMemory, message.getOutOfMemory().getContainerId())
                  .add(message.getOutOfMemory());
          case STDIN_CLOSED ->
              queue(stdinClosed, message.getStdinClosed().getContainerId())
                  .add(message.getStdinClosed());
          case UPGRADED -> upgraded.add(message.getUpgraded().getNow());
          case KIND_NOT_SET -> {}
        }
      }
    } catch (InvalidProtocolBufferException | LinuxException _) {
      // The monitor was killed.
    }
  }

  private static <K, V> BlockingQueue<V> queue(Map<K, BlockingQueue<V>> queues, K key) {
    return queues.computeIfAbsent(key, _ -> new LinkedBlockingQueue<>());
  }

  Reply call(Request.Builder request, List<Fd> descriptors) throws InterruptedException {
    long id = ids.incrementAndGet();
    socket.send(request.setId(id).build().toByteArray(), descriptors);
    Reply reply = queue(replies, id).poll(SECONDS, TimeUnit.SECONDS);
    assertThat(reply).as("a reply within %d s", SECONDS).isNotNull();
    return reply;
  }

  /** Asks and goes on. */
  private long begin(Request.Builder request) {
    long id = ids.incrementAndGet();
    socket.send(request.setId(id).build().toByteArray(), List.of());
    return id;
  }

  private Reply call(Request.Builder request) throws InterruptedException {
    return call(request, List.of());
  }

  HelloReply hello() throws InterruptedException {
    return call(Request.newBuilder().setHello(HelloRequest.getDefaultInstance())).getHello();
  }

  void keep() throws InterruptedException {
    assertThat(call(Request.newBuilder().setKeep(KeepRequest.getDefaultInstance())).hasKeep())
        .isTrue();
  }

  Reply create(CreateRequest request) throws InterruptedException {
    return call(Request.newBuilder().setCreate(request));
  }

  Reply execSync(ExecSyncRequest.Builder request) throws InterruptedException {
    return call(Request.newBuilder().setExecSync(request));
  }

  Reply adopt(KeptContainer container) throws InterruptedException {
    AdoptRequest.Builder adopt =
        AdoptRequest.newBuilder()
            .setRecord(container.message().getRecord())
            .addAllFds(container.message().getFdsList());
    return call(Request.newBuilder().setAdopt(adopt), container.descriptors());
  }

  Reply reopenLog(String id) throws InterruptedException {
    return call(
        Request.newBuilder().setReopenLog(ReopenLogRequest.newBuilder().setContainerId(id)));
  }

  Reply forget(String id) throws InterruptedException {
    return call(Request.newBuilder().setForget(ForgetRequest.newBuilder().setContainerId(id)));
  }

  ListReply list() throws InterruptedException {
    return call(Request.newBuilder().setList(ListRequest.getDefaultInstance())).getList();
  }

  /** Starts a session; fails the test if that fails. */
  Streams exec(ExecRequest.Builder request) throws InterruptedException {
    Reply reply = call(Request.newBuilder().setExec(request));
    assertThat(reply.hasExec()).as(reply.toString()).isTrue();
    return new Streams(
        request.getSessionId(), reply.getExec().getFdsList(), takeGiven(reply.getId()));
  }

  Streams attach(AttachRequest.Builder request) throws InterruptedException {
    Reply reply = call(Request.newBuilder().setAttach(request));
    assertThat(reply.hasAttach()).as(reply.toString()).isTrue();
    return new Streams(
        request.getAttachmentId(), reply.getAttach().getFdsList(), takeGiven(reply.getId()));
  }

  private List<Fd> takeGiven(long id) {
    List<Fd> descriptors = given.remove(id);
    return descriptors == null ? List.of() : descriptors;
  }

  /** Any other request. */
  Reply ask(Request.Builder request) throws InterruptedException {
    return call(request);
  }

  /** Sends a request whose reply nobody waits for. */
  void send(Request.Builder request) {
    socket.send(request.setId(ids.incrementAndGet()).build().toByteArray(), List.of());
  }

  boolean hasOutOfMemory(String id) {
    return !queue(outOfMemory, id).isEmpty();
  }

  SessionEnded ended(String session) throws InterruptedException {
    return next(ends, session, "end of session");
  }

  @Nullable SessionEnded endedWithin(String session, long millis) throws InterruptedException {
    return queue(ends, session).poll(millis, TimeUnit.MILLISECONDS);
  }

  Detached detached(String attachment) throws InterruptedException {
    return next(detached, attachment, "end of attachment");
  }

  OutOfMemory outOfMemory(String id) throws InterruptedException {
    return next(outOfMemory, id, "OOM kill in");
  }

  StdinClosed stdinClosed(String id) throws InterruptedException {
    return next(stdinClosed, id, "end of stdin of");
  }

  private static <V> V next(Map<String, BlockingQueue<V>> queues, String id, String what)
      throws InterruptedException {
    V value = queue(queues, id).poll(SECONDS, TimeUnit.SECONDS);
    assertThat(value).as(what + " " + id).isNotNull();
    return value;
  }

  Reply upgrade(UpgradeRequest.Builder request) throws InterruptedException {
    return call(Request.newBuilder().setUpgrade(request));
  }

  void beginUpgrade(UpgradeRequest.Builder request) {
    begin(Request.newBuilder().setUpgrade(request));
  }

  void beginExecSync(ExecSyncRequest.Builder request) {
    begun = begin(Request.newBuilder().setExecSync(request));
  }

  void beginCreate(CreateRequest request) {
    begun = begin(Request.newBuilder().setCreate(request));
  }

  /** The reply to what was begun. */
  Reply begun() throws InterruptedException {
    Reply reply = queue(replies, begun).poll(SECONDS, TimeUnit.SECONDS);
    assertThat(reply).isNotNull();
    return reply;
  }

  /** The monitor that this connection has gone over to, once it has. */
  HelloReply upgraded() throws InterruptedException {
    HelloReply now = upgraded.poll(SECONDS, TimeUnit.SECONDS);
    assertThat(now).as("told of an upgrade").isNotNull();
    return now;
  }

  KeptContainer kept(String id) throws InterruptedException {
    KeptContainer container = queue(kept, id).poll(SECONDS, TimeUnit.SECONDS);
    assertThat(container).as("descriptors of " + id).isNotNull();
    return container;
  }

  Exited exited(String id) throws InterruptedException {
    Exited exited = queue(exits, id).poll(SECONDS, TimeUnit.SECONDS);
    assertThat(exited).as("exit of " + id).isNotNull();
    return exited;
  }

  @Nullable Exited exitedWithin(String id, long millis) throws InterruptedException {
    return queue(exits, id).poll(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    socket.close();
    try {
      reader.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    // What no test asked for; the others are theirs.
    for (BlockingQueue<KeptContainer> containers : kept.values()) {
      containers.forEach(container -> container.descriptors().forEach(Fd::close));
    }
    given.values().forEach(descriptors -> descriptors.forEach(Fd::close));
  }
}
