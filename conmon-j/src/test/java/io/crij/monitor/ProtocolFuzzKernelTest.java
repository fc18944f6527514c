package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.UnixSocket;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.AdoptRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.ForgetRequest;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.HelloRequest;
import io.crij.monitor.v1.KeepRequest;
import io.crij.monitor.v1.ListRequest;
import io.crij.monitor.v1.ReopenLogRequest;
import io.crij.monitor.v1.Request;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that speak wrongly: whatever one does, the monitor serves the others, keeps its
 * containers, and has no descriptor more afterwards. The rounds are those of {@code
 * -Dcrij.fuzz.seed}, and as many as {@code -Dcrij.fuzz.rounds} says.
 */
@Tag("root")
@Timeout(300)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class ProtocolFuzzKernelTest {
  private static final long SEED = Long.getLong("crij.fuzz.seed", 20_261_122);
  private static final int ROUNDS = Integer.getInteger("crij.fuzz.rounds", 600);
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int MAX_REQUEST_BYTES = 8 << 20;

  @TempDir Path folder;
  private final NativeBuffer buffer = NativeBuffer.allocate(BUFFER_BYTES);
  private TestNode node;
  private CheapContainers containers;
  private TestClient bystander;
  private Fd nothing;
  private String container;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    containers = new CheapContainers(node, folder);
    bystander = node.startMonitor();
    container = containers.run(bystander, CheapContainers.writer(1_000_000, 5, 0));
    nothing = Fd.open("/dev/null", Fd.O_RDWR, 0);
  }

  @AfterEach
  void stop() throws Exception {
    nothing.close();
    bystander.close();
    containers.close();
    node.close();
  }

  @Test
  void whateverAClientSendsOthersAreServed() throws Exception {
    bystander.hello();
    int descriptors = descriptors();
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(SEED + round);
      List<UnixSocket> open = new ArrayList<>();
      try {
        attack(random, open);
        assertThat(bystander.hello().getPid()).isEqualTo(node.monitorPid());
        assertThat(bystander.list().getContainersList())
            .as("containers")
            .singleElement()
            .satisfies(state -> assertThat(state.hasExited()).isFalse());
      } catch (Exception | AssertionError e) {
        fail("round %d of -Dcrij.fuzz.seed=%d: %s".formatted(round, SEED, node.monitorLog()), e);
      } finally {
        open.forEach(UnixSocket::close);
      }
    }
    await(() -> descriptors() <= descriptors);
    long logged = Files.size(node.logFile(container));
    await(() -> Files.size(node.logFile(container)) > logged);
  }

  /** One that asks for much and reads nothing must wait, and the monitor's memory must not. */
  @Test
  void repliesThatNobodyReadsAreNotPiledUp() throws Exception {
    byte[] list = frame(valid(new Random(SEED), 1));
    try (UnixSocket client = UnixSocket.connect(node.socket())) {
      byte[] many = new byte[list.length * 10_000];
      for (int i = 0; i < 10_000; i++) {
        System.arraycopy(list, 0, many, i * list.length, list.length);
      }
      long sent = 0;
      for (int i = 0; i < 200; i++) {
        // The heap has 48 MiB; so many replies would be ten times that.
        sent += send(client, many, 0, List.of());
        assertThat(bystander.hello().getPid()).isEqualTo(node.monitorPid());
      }
      assertThat(sent).as("bytes taken").isLessThan(200L * many.length);
    }
  }

  @Test
  void whatIsAnnouncedTakesNoMemory() throws Exception {
    byte[] header = ByteBuffer.allocate(Integer.BYTES).putInt(MAX_REQUEST_BYTES).array();
    List<UnixSocket> open = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      open.add(UnixSocket.connect(node.socket()));
      send(open.getLast(), header, 0, List.of());
    }
    assertThat(bystander.hello().getPid()).isEqualTo(node.monitorPid());
    open.forEach(UnixSocket::close);
  }

  @Test
  void connectionsAreBounded() throws Exception {
    int before = descriptors();
    List<UnixSocket> open = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      open.add(UnixSocket.connect(node.socket()));
    }
    assertThat(bystander.hello().getPid()).isEqualTo(node.monitorPid());
    assertThat(descriptors() - before).isLessThan(100);
    open.forEach(UnixSocket::close);
    await(() -> descriptors() <= before);
    TestClient next = TestClient.connect(node.socket());
    assertThat(next.hello().getPid()).isEqualTo(node.monitorPid());
    next.close();
  }

  private void attack(Random random, List<UnixSocket> open) {
    UnixSocket client = UnixSocket.connect(node.socket());
    open.add(client);
    byte[] request = frame(valid(random, random.nextInt(7)));
    switch (random.nextInt(9)) {
      case 0 -> send(client, bytes(random, random.nextInt(5000)), 0, List.of());
      case 1 -> send(client, request, random.nextInt(request.length), List.of());
      case 2 -> send(client, header(random.nextBoolean() ? -1 : MAX_REQUEST_BYTES + 1), 0, none());
      case 3 -> send(client, frame(bytes(random, random.nextInt(300))), 0, fds(random, 5));
      case 4 -> send(client, mutated(random, request), 0, fds(random, 3));
      case 5 -> send(client, frame(wrongMessage()), 0, fds(random, 10));
      case 6 -> send(client, request, 0, fds(random, UnixSocket.MAX_DESCRIPTORS));
      case 7 -> tooManyDescriptors(client, request);
      default -> inPieces(client, request);
    }
  }

  private static List<Fd> none() {
    return List.of();
  }

  private List<Fd> fds(Random random, int most) {
    return Collections.nCopies(random.nextInt(most + 1), nothing);
  }

  /** All on the bytes of one frame. */
  private void tooManyDescriptors(UnixSocket client, byte[] request) {
    List<Fd> all = Collections.nCopies(UnixSocket.MAX_DESCRIPTORS, nothing);
    for (byte one : request) {
      if (send(client, new byte[] {one}, 0, all) < 0) {
        return;
      }
    }
  }

  private void inPieces(UnixSocket client, byte[] request) {
    for (byte one : request) {
      send(client, new byte[] {one}, 0, List.of());
    }
  }

  /** A request that changes nothing. */
  private byte[] valid(Random random, int which) {
    Request.Builder request = Request.newBuilder().setId(random.nextLong());
    switch (which) {
      case 0 -> request.setHello(HelloRequest.newBuilder().setClientVersion("fuzz"));
      case 1 -> request.setList(ListRequest.getDefaultInstance());
      case 2 -> request.setKeep(KeepRequest.getDefaultInstance());
      case 3 -> request.setForget(ForgetRequest.newBuilder().setContainerId(container));
      case 4 -> request.setReopenLog(ReopenLogRequest.newBuilder().setContainerId(container));
      case 5 -> request.setExecSync(ExecSyncRequest.newBuilder().setContainerId("none"));
      default -> request.setAdopt(AdoptRequest.getDefaultInstance());
    }
    return request.build().toByteArray();
  }

  private static byte[] wrongMessage() {
    return FromMonitor.newBuilder()
        .setExited(Exited.newBuilder().setContainerId("x").setExitCode(1))
        .build()
        .toByteArray();
  }

  /** With some bytes changed behind the length. */
  private static byte[] mutated(Random random, byte[] frame) {
    byte[] mutated = frame.clone();
    for (int i = 0; i <= random.nextInt(4); i++) {
      mutated[Integer.BYTES + random.nextInt(frame.length - Integer.BYTES)] =
          (byte) random.nextInt();
    }
    return mutated;
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] header(int length) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(length).array();
  }

  private static byte[] frame(byte[] message) {
    return ByteBuffer.allocate(Integer.BYTES + message.length)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /**
   * Sends as much as the socket takes, at most {@code limit} bytes if that is not 0.
   *
   * @return how much, -1 once the monitor has closed
   */
  private int send(UnixSocket client, byte[] bytes, int limit, List<Fd> descriptors) {
    int length = Math.min(BUFFER_BYTES, limit == 0 ? bytes.length : limit);
    if (length == 0) {
      return 0;
    }
    buffer.bytes().put(0, bytes, 0, length);
    try {
      return Math.max(0, client.send(buffer, 0, length, descriptors));
    } catch (LinuxException _) {
      return -1;
    }
  }

  private int descriptors() throws Exception {
    try (var files = Files.list(Path.of("/proc/" + node.monitorPid() + "/fd"))) {
      return (int) files.count();
    }
  }
}
