package io.crij.server.streaming.spdy;

import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.Receiver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import java.util.Map;

/** One stream of a SPDY connection, opened by the client. */
public final class SpdyStream implements ClientStream {
  private final int id;
  private final Map<String, String> headers;
  private final SpdyConnection connection;
  private Receiver receiver = Receiver.DEAF;
  private boolean clientEnded;
  private boolean finished;

  SpdyStream(int id, Map<String, String> headers, SpdyConnection connection) {
    this.id = id;
    this.headers = Map.copyOf(headers);
    this.connection = connection;
  }

  public int id() {
    return id;
  }

  /** The value of a header of its SYN_STREAM; empty without. */
  public String header(String name) {
    return headers.getOrDefault(name, "");
  }

  @Override
  public void receiver(Receiver taker) {
    receiver = taker;
    if (clientEnded) {
      taker.end();
    }
  }

  void received(ByteBuf bytes) {
    receiver.data(bytes);
  }

  void clientEnded() {
    clientEnded = true;
    receiver.end();
  }

  void clientReset() {
    clientEnded = true;
    finished = true;
    receiver.reset();
  }

  boolean isOver() {
    return clientEnded && finished;
  }

  @Override
  public void write(ByteBuf bytes) {
    if (finished) {
      bytes.release();
    } else {
      connection.write(id, bytes);
    }
  }

  @Override
  public boolean passes() {
    return connection.flow().plainSocket() != null;
  }

  @Override
  public void pass(FileRegion bytes) {
    if (finished) {
      bytes.release();
    } else {
      connection.pass(id, bytes);
    }
  }

  @Override
  public void flush() {
    connection.flush();
  }

  @Override
  public void finish() {
    if (!finished) {
      finished = true;
      connection.writeEnd(this);
    }
  }

  @Override
  public void reset() {
    if (!isOver()) {
      finished = true;
      clientEnded = true;
      connection.writeReset(this);
    }
  }
}
