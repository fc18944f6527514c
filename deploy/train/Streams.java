import com.google.protobuf.ByteString;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.ForgetRequest;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.LogConfig;
import io.crij.monitor.v1.OciRuntime;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Has conmon-j log, execute and attach while its AOT cache is made. Its containers are plain processes, by an "OCI
 * runtime" that is a shell script, and end by themselves.
 *
 * <p>usage: Streams.java SOCKET FOLDER
 */
final class Streams implements AutoCloseable {
  private static final String LINE = "a line of a hundred bytes ".repeat(4).substring(0, 99);
  private static final String LONG_LINE = "a line of 16 KiB".repeat(1024).substring(1);

  private final Path folder;
  private final SocketChannel socket;
  private final DataInputStream in;
  private long requests;
  private long names;

  private Streams(Path socket, Path folder) throws IOException {
    this.folder = folder;
    this.socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    this.socket.connect(UnixDomainSocketAddress.of(socket));
    this.in = new DataInputStream(Channels.newInputStream(this.socket));
  }

  public static void main(String[] arguments) throws Exception {
    try (Streams streams = new Streams(Path.of(arguments[0]), Path.of(arguments[1]))) {
      streams.run();
    }
  }

  private void run() throws IOException {
    flood(LINE, 200_000_000);
    flood(LONG_LINE, 200_000_000);
    String id = create("for i in $(seq 50); do echo line $i; sleep 0.05; done");
    call(Request.newBuilder()
        .setAttach(
            AttachRequest.newBuilder().setAttachmentId(name()).setContainerId(id).setStdout(true)));
    ByteString process = ByteString.copyFromUtf8("echo said");
    for (int i = 0; i < 5; i++) {
      call(Request.newBuilder().setExecSync(ExecSyncRequest.newBuilder().setContainerId(id).setProcess(process)));
      ExecRequest.Builder exec =
          ExecRequest.newBuilder().setSessionId(name()).setContainerId(id).setProcess(process);
      call(Request.newBuilder().setExec(exec));
    }
    forget(id);
  }

  private void flood(String line, long bytes) throws IOException {
    Path text = Files.writeString(folder.resolve("text"), (line + "\n").repeat((1 << 20) / line.length()));
    forget(create("while cat %s; do :; done | head -c %d".formatted(text, bytes)));
  }

  private String create(String script) throws IOException {
    String id = name();
    Path bundle = Files.createDirectories(folder.resolve(id));
    Files.writeString(bundle.resolve("run"), script);
    LogConfig.Builder log = LogConfig.newBuilder().setPath(bundle.resolve("log").toString()).setMaxBytes(64 << 20);
    call(Request.newBuilder()
        .setCreate(
            CreateRequest.newBuilder()
                .setContainerId(id)
                .setRuntime(OciRuntime.newBuilder().setPath(runtime()))
                .setBundle(bundle.toString())
                .setLog(log)));
    return id;
  }

  /** Starts what the bundle, or else the process, says. */
  private String runtime() throws IOException {
    Path script = folder.resolve("runtime");
    Files.writeString(
        script,
        """
        #!/bin/sh
        while [ $# -gt 0 ]; do
          case $1 in
            --help | delete) exit 0 ;;
            --bundle) script=$2/run ;;
            --process) script=$2 ;;
            --pid-file) pidfile=$2 ;;
          esac
          shift
        done
        setsid sh "$script" &
        echo $! >"$pidfile"
        """);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script.toString();
  }

  /** Waits for its end. */
  private void forget(String id) throws IOException {
    Request.Builder forget = Request.newBuilder().setForget(ForgetRequest.newBuilder().setContainerId(id));
    for (int i = 0; answer(forget).hasFailure(); i++) {
      if (i == 3000) {
        throw new IOException(id + " does not end");
      }
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void call(Request.Builder request) throws IOException {
    Reply reply = answer(request);
    if (reply.hasFailure()) {
      throw new IOException(reply.getFailure().toString());
    }
  }

  private Reply answer(Request.Builder request) throws IOException {
    byte[] bytes = request.setId(++requests).build().toByteArray();
    socket.write(ByteBuffer.allocate(Integer.BYTES + bytes.length).putInt(bytes.length).put(bytes).flip());
    while (true) {
      FromMonitor message = FromMonitor.parseFrom(in.readNBytes(in.readInt()));
      if (message.getReply().getId() == requests) {
        return message.getReply();
      }
    }
  }

  /** As ids of containers are. */
  private String name() {
    return "%064x".formatted(++names);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
