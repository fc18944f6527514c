package io.crij.server.streaming.websocket;

import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.Receiver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;

/** One channel of a WebSocket. It cannot be ended alone by the server: the protocol has no word. */
final class ChannelStream implements ClientStream {
  private final int number;
  private final ChannelConnection connection;
  private Receiver receiver = Receiver.DEAF;
  private boolean clientEnded;
  private boolean finished;

  ChannelStream(int number, ChannelConnection connection) {
    this.number = number;
    this.connection = connection;
  }

  @Override
  public void receiver(Receiver taker) {
    receiver = taker;
    if (clientEnded) {
      taker.end();
    }
  }

  void received(ByteBuf bytes) {
    if (clientEnded) {
      bytes.release();
    } else {
      receiver.data(bytes);
    }
  }

  void clientEnded() {
    clientEnded = true;
    receiver.end();
  }

  @Override
  public void write(ByteBuf bytes) {
    if (finished) {
      bytes.release();
    } else {
      connection.write(number, bytes);
    }
  }

  @Override
  public boolean passes() {
    return connection.passes();
  }

  @Override
  public void pass(FileRegion bytes) {
    if (finished) {
      bytes.release();
    } else {
      connection.pass(number, bytes);
    }
  }

  @Override
  public void flush() {
    connection.flow().channel().flush();
  }

  @Override
  public void finish() {
    finished = true;
  }

  @Override
  public void reset() {
    finish();
  }
}
