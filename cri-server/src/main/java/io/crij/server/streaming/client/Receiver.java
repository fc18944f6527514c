package io.crij.server.streaming.client;

import io.netty.buffer.ByteBuf;

/** Takes what a client sends on one stream; called on the connection's event loop. */
public interface Receiver {
  /** Takes bytes, which it owns from then on. */
  void data(ByteBuf bytes);

  /** The client sends no more on this stream; may be told more than once. */
  void end();

  /** The client has ended both directions: it takes nothing more either. */
  default void reset() {
    end();
  }

  /** Of a stream on which the client has nothing to say. */
  Receiver DEAF =
      new Receiver() {
        @Override
        public void data(ByteBuf bytes) {
          bytes.release();
        }

        @Override
        public void end() {}
      };
}
