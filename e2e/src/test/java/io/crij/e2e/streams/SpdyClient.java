package io.crij.e2e.streams;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * A client of SPDY/3.1. Like those of Kubernetes it sends without windows, and reads nothing more
 * from the connection while one of its streams is not read from.
 */
public final class SpdyClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int SYN_STREAM = 1;
  private static final int RST_STREAM = 3;
  private static final int CONTROL = 0x8003;
  private static final int LENGTH = 0xffffff;
  private static final int LENGTH_BITS = 24;
  private static final int MAX_BLOCK = 16000;

  private final UpgradedConnection connection;
  private final DataInputStream in;
  private final OutputStream out;
  private final Deflater deflater = new Deflater();
  private final Map<Integer, SpdyClientStream> streams = new ConcurrentHashMap<>();
  private final Thread receiver = Thread.ofVirtual().name("spdy client").unstarted(this::receive);
  private int next = 1;

  private SpdyClient(UpgradedConnection connection) throws IOException {
    this.connection = connection;
    this.in = new DataInputStream(new BufferedInputStream(connection.in(), BUFFER_BYTES));
    this.out = connection.out();
  }

  /** Upgrades a connection to one of Kubernetes' protocols. */
  public static SpdyClient connect(URI url, String protocol) throws IOException {
    SpdyClient client = new SpdyClient(UpgradedConnection.spdy(url, protocol));
    client.receiver.start();
    return client;
  }

  /** Opens a stream; {@code type} is its header {@code streamType}. */
  public SpdyClientStream open(String type) throws IOException {
    return open(Map.of("streamtype", type));
  }

  /** Opens the two streams of a forwarded connection. */
  public Forwarded forward(int port) throws IOException {
    String request = Integer.toString(next);
    String number = Integer.toString(port);
    return new Forwarded(
        open(Map.of("streamtype", "error", "port", number, "requestid", request)),
        open(Map.of("streamtype", "data", "port", number, "requestid", request)));
  }

  /** A forwarded connection. */
  public record Forwarded(SpdyClientStream error, SpdyClientStream data) {}

  private SpdyClientStream open(Map<String, String> headers) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(block);
    fields.writeInt(headers.size());
    for (Map.Entry<String, String> header : headers.entrySet()) {
      for (String text : new String[] {header.getKey(), header.getValue()}) {
        fields.writeInt(text.length());
        fields.writeBytes(text);
      }
    }
    return openWithBlock(block.toByteArray());
  }

  /** Opens a stream whose header block, before it is compressed, are these bytes. */
  public synchronized SpdyClientStream openWithBlock(byte[] headers) throws IOException {
    int id = next;
    next += 2;
    SpdyClientStream stream = new SpdyClientStream(id, this);
    streams.put(id, stream);
    byte[] block = deflated(headers);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(frame);
    fields.writeShort(CONTROL);
    fields.writeShort(SYN_STREAM);
    fields.writeInt(10 + block.length);
    fields.writeInt(id);
    fields.writeInt(0);
    fields.writeShort(0);
    fields.write(block);
    out.write(frame.toByteArray());
    return stream;
  }

  /** Of what is too long for a frame of control its beginning. */
  private byte[] deflated(byte[] block) {
    deflater.setInput(block);
    byte[] compressed = new byte[Math.min(block.length + 1024, MAX_BLOCK)];
    int n = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
    return Arrays.copyOf(compressed, n);
  }

  /** Sends bytes as they are. */
  public synchronized void sendFrames(byte[] frames) throws IOException {
    out.write(frames);
  }

  synchronized void send(int stream, byte[] bytes, boolean last) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(bytes.length + 8);
    DataOutputStream fields = new DataOutputStream(frame);
    fields.writeInt(stream);
    fields.writeInt((last ? 1 << LENGTH_BITS : 0) | bytes.length);
    fields.write(bytes);
    out.write(frame.toByteArray());
  }

  private void receive() {
    try {
      while (true) {
        int first = in.readInt();
        int second = in.readInt();
        byte[] body = in.readNBytes(second & LENGTH);
        if (first >= 0) {
          received(first, body, ((second >>> LENGTH_BITS) & 1) != 0);
        } else if ((first & 0xffff) == RST_STREAM) {
          int id = ByteBuffer.wrap(body).getInt();
          end(streams.get(id), SpdyClientStream.End.RESET);
        }
      }
    } catch (IOException _) {
      // The server has closed the connection, or the test has.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      streams.values().forEach(stream -> stream.ended(SpdyClientStream.End.CUT));
    }
  }

  private void received(int id, byte[] bytes, boolean last) throws InterruptedException {
    SpdyClientStream stream = streams.get(id);
    if (stream != null && bytes.length > 0) {
      stream.received(bytes);
    }
    if (last) {
      end(stream, SpdyClientStream.End.FINISHED);
    }
  }

  private static void end(@Nullable SpdyClientStream stream, SpdyClientStream.End how) {
    if (stream != null) {
      stream.ended(how);
    }
  }

  /**
   * Sends nothing more, and waits until the server, which can read all that was sent, has closed
   * the connection.
   */
  public void leave() throws InterruptedException {
    try {
      connection.endSending();
    } catch (IOException _) {
      return; // it has closed it already
    }
    if (!receiver.join(PATIENCE)) {
      throw new AssertionError("the server does not close a connection that its client has left");
    }
  }

  /** Ends the connection as a client that was killed with much still to read. */
  public void vanish() throws IOException {
    connection.vanish();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
