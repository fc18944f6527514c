package io.crij.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Frame;
import io.crij.linux.io.FrameSocket;
import io.crij.monitor.v1.AdoptRequest;
import io.crij.monitor.v1.CreateRequest;
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
import io.crij.monitor.v1.ReopenLogRequest;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
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
  private static final int SECONDS = 60;

  private final FrameSocket socket;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, BlockingQueue<Reply>> replies = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<Exited>> exits = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<KeptContainer>> kept = new ConcurrentHashMap<>();
  private final Thread reader;

  /** A container of which a keeper has descriptors. */
  record KeptContainer(Kept message, List<Fd> descriptors) {
    Fd fd(FdKind kind) {
      return descriptors.get(message.getFdsList().indexOf(kind));
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
        if (i == 600) {
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
          case REPLY -> queue(replies, message.getReply().getId()).add(message.getReply());
          case EXITED ->
              queue(exits, message.getExited().getContainerId()).add(message.getExited());
          case KEPT ->
              queue(kept, message.getKept().getContainerId())
                  .add(new KeptContainer(message.getKept(), frame.descriptors()));
          case OUT_OF_MEMORY, KIND_NOT_SET -> {}
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
  }
}
