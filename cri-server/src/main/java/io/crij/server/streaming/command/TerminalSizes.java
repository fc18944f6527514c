package io.crij.server.streaming.command;

import io.crij.monitor.v1.TerminalSize;
import io.crij.server.streaming.client.Receiver;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The sizes of a client's terminal: JSON objects one after the other, cut anywhere. */
final class TerminalSizes implements Receiver {
  private static final JsonMapper MAPPER = new JsonMapper();

  /** Of an object: three times what one with the largest numbers has. */
  private static final int MAX_CHARS = 128;

  private static final int MAX = 0xffff;

  private final Consumer<TerminalSize> taker;
  private final StringBuilder object = new StringBuilder();

  TerminalSizes(Consumer<TerminalSize> taker) {
    this.taker = taker;
  }

  @Override
  public void data(ByteBuf bytes) {
    while (bytes.isReadable()) {
      char c = (char) bytes.readUnsignedByte();
      if (object.length() < MAX_CHARS) {
        object.append(c);
      }
      if (c == '}') {
        take(object.toString());
        object.setLength(0);
      }
    }
    bytes.release();
  }

  /** What is no size is passed over, as by Kubernetes' own server. */
  private void take(String text) {
    JsonNode size;
    try {
      size = MAPPER.readTree(text);
    } catch (JacksonException _) {
      return;
    }
    int rows = size.path("Height").asInt(0);
    int columns = size.path("Width").asInt(0);
    if (rows > 0 && rows <= MAX && columns > 0 && columns <= MAX) {
      taker.accept(TerminalSize.newBuilder().setRows(rows).setColumns(columns).build());
    }
  }

  @Override
  public void end() {}
}
