package io.crij.server.jvm;

import com.google.protobuf.MessageLite;
import io.crij.server.rpc.OwnCalls;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Just enough of HTTP/2 (RFC 9113) to make unary gRPC calls on a unix socket, one after the other,
 * and drop the answers: the client of grpc-java would cost megabytes in a server that calls nobody.
 */
final class Http2Client implements AutoCloseable {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = 9;
  private static final int MAX_FRAME_BYTES = 16 << 10;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;

  private final SocketChannel channel;
  private int stream = -1;

  private Http2Client(SocketChannel channel) {
    this.channel = channel;
  }

  static Http2Client connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    Http2Client client = new Http2Client(channel);
    try {
      client.write(ByteBuffer.wrap(PREFACE));
      client.frame(SETTINGS, 0, 0);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return client;
  }

  /**
   * Calls, and waits until the server has answered, in whatever way.
   *
   * @param method as {@code runtime.v1.RuntimeService/Version}
   */
  void call(String method, MessageLite request) throws IOException {
    stream += 2;
    frame(HEADERS, END_HEADERS, stream, headers(method));
    frame(DATA, END_STREAM, stream, message(request));
    while (!answerEnds()) {
      // Frames of the connection and of the answer.
    }
  }

  /** Header fields as HPACK (RFC 7541) literals, so that no table is needed. */
  private static byte[] headers(String method) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    // Of the static table: ":method: POST" and ":scheme: http".
    block.write(0x83);
    block.write(0x86);
    field(block, ":path", "/" + method);
    field(block, ":authority", "localhost");
    field(block, "content-type", "application/grpc");
    field(block, "te", "trailers");
    field(block, OwnCalls.HEADER, "warm-up");
    return block.toByteArray();
  }

  private static void field(ByteArrayOutputStream block, String name, String value)
      throws IOException {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  /** Names and values here are shorter than 127 octets, which one octet can say. */
  private static void text(ByteArrayOutputStream block, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    block.write(bytes.length);
    block.write(bytes);
  }

  private static byte[] message(MessageLite request) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(bytes);
    data.writeByte(0);
    data.writeInt(request.getSerializedSize());
    request.writeTo(data);
    return bytes.toByteArray();
  }

  private boolean answerEnds() throws IOException {
    ByteBuffer header = read(HEADER_BYTES);
    int length = ((header.getShort() & 0xffff) << 8) | (header.get() & 0xff);
    int type = header.get();
    int flags = header.get();
    int of = header.getInt();
    if (length > MAX_FRAME_BYTES) {
      throw new IOException("a frame of " + length + " bytes");
    }
    read(length);
    if (type == SETTINGS && (flags & ACK) == 0) {
      frame(SETTINGS, ACK, 0);
    }
    boolean isLast = (type == HEADERS || type == DATA) && (flags & END_STREAM) != 0;
    if (type == GOAWAY) {
      throw new IOException("the server closes the connection");
    }
    return of == stream && (isLast || type == RST_STREAM);
  }

  private void frame(int type, int flags, int of, byte... payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(of).put(payload);
    write(frame.flip());
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private ByteBuffer read(int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    ReadableByteChannel in = channel;
    while (bytes.hasRemaining()) {
      if (in.read(bytes) < 0) {
        throw new IOException("the server has closed the connection");
      }
    }
    return bytes.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
