package io.crij.server.rpc;

import com.google.protobuf.MessageLite;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/** Items of a list of any length, put into messages of bounded size, each item in one of them. */
final class Batches {
  static final int MOST_ITEMS = 100;

  /** Clients take messages of 4 MiB by default; one item may still be larger. */
  static final int MOST_BYTES = 1 << 20;

  private Batches() {}

  /**
   * Gives the items on, in their order, without those that follow having been asked for.
   *
   * @param reply takes at least one item at once; nothing is given where there is none
   */
  static <T extends MessageLite> void send(Iterator<T> items, Consumer<List<T>> reply) {
    List<T> batch = new ArrayList<>();
    long bytes = 0;
    while (items.hasNext()) {
      T item = items.next();
      int size = item.getSerializedSize();
      if (!batch.isEmpty() && (batch.size() == MOST_ITEMS || bytes + size > MOST_BYTES)) {
        reply.accept(batch);
        batch = new ArrayList<>();
        bytes = 0;
      }
      batch.add(item);
      bytes += size;
    }
    if (!batch.isEmpty()) {
      reply.accept(batch);
    }
  }
}
