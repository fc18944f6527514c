package io.crij.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A client of HTTP/2 (RFC 9113) on a unix socket that sends what frames it is told to. */
final class RawHttp2 implements AutoCloseable {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int HEADER_BYTES = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final byte[] CANCEL = {0, 0, 0, 8};

  /** An empty message of gRPC. */
  private static final byte[] NO_MESSAGE = new byte[5];

  private final SocketChannel channel;
  private final ByteBuffer dropped = ByteBuffer.allocate(64 << 10);

  private RawHttp2(SocketChannel channel) {
    this.channel = channel;
  }

  static RawHttp2 connect(Path socket) throws IOException {
    RawHttp2 client = new RawHttp2(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    client.write(ByteBuffer.wrap(PREFACE.getBytes(StandardCharsets.US_ASCII)));
    client.settings();
    return client;
  }

  /** A unary call with an empty request. */
  void call(int stream, String path) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    // Of HPACK's static table: ":method: POST" and ":scheme: http"; the others are literals.
    block.write(0x83);
    block.write(0x86);
    field(block, ":path", path);
    field(block, ":authority", "localhost");
    field(block, "content-type", "application/grpc");
    field(block, "te", "trailers");
    frame(HEADERS, END_HEADERS, stream, block.toByteArray());
    frame(DATA, END_STREAM, stream, NO_MESSAGE);
  }

  private static void field(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    for (String text : new String[] {name, value}) {
      block.write(text.length());
      block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  void reset(int stream) throws IOException {
    frame(RST_STREAM, 0, stream, CANCEL);
  }

  void ping() throws IOException {
    frame(PING, 0, 0, new byte[8]);
  }

  void settings() throws IOException {
    frame(SETTINGS, 0, 0, new byte[0]);
  }

  /** Drops what has come until now. */
  void takeAnswers() throws IOException {
    channel.configureBlocking(false);
    try {
      int n = 1;
      while (n > 0) {
        n = channel.read(dropped.clear());
      }
      if (n < 0) {
        throw new IOException("closed by the server");
      }
    } finally {
      channel.configureBlocking(true);
    }
  }

  /** The header blocks of an answer, to its end; short texts stand in them as they are. */
  String answerOf(int stream) throws IOException {
    StringBuilder blocks = new StringBuilder();
    while (true) {
      ByteBuffer header = read(HEADER_BYTES);
      int length = ((header.getShort() & 0xffff) << 8) | (header.get() & 0xff);
      int type = header.get();
      int flags = header.get();
      int of = header.getInt();
      byte[] body = read(length).array();
      if (of == stream && type == HEADERS) {
        blocks.append(new String(body, StandardCharsets.ISO_8859_1));
      }
      if (of == stream && (type == RST_STREAM || (flags & END_STREAM) != 0)) {
        return blocks.toString();
      }
    }
  }

  private ByteBuffer read(int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("closed by the server");
      }
    }
    return buffer.flip();
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + payload.length);
    frame.put((byte) 0).putShort((short) payload.length).put((byte) type).put((byte) flags);
    write(frame.putInt(stream).put(payload).flip());
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** What a process has in memory. */
  static long residentKib(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }
}
