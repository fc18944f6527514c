package io.crij.image.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BlockPipeTest {
  @Test
  void aReaderThatKeepsUpCostsTwoBlocks() throws Exception {
    BlockPipe pipe = new BlockPipe();
    BlockStream reader = pipe.reader();
    Set<byte[]> used = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < 100; i++) {
      byte[] block = pipe.claim();
      block[0] = (byte) i;
      used.add(block);
      pipe.publish(1);
      assertThat(reader.next()).isEqualTo(ByteBuffer.wrap(new byte[] {(byte) i}));
    }
    assertThat(used).hasSize(2);
  }

  @Test
  void blocksComeInOrderAndNoneIsFilledWhileItIsRead() throws Exception {
    BlockPipe pipe = new BlockPipe();
    Thread filler = Thread.ofPlatform().daemon().start(() -> fill(pipe));
    List<Integer> read = new ArrayList<>();
    BlockStream reader = pipe.reader();
    for (ByteBuffer block = reader.next(); block != null; block = reader.next()) {
      Thread.onSpinWait();
      read.add(block.getInt(0));
      assertThat(block.getInt(BlockPipe.BLOCK_BYTES - Integer.BYTES)).isEqualTo(block.getInt(0));
    }
    filler.join();
    assertThat(read).hasSize(1000).isSorted();
  }

  private static void fill(BlockPipe pipe) {
    try {
      for (int i = 0; i < 1000; i++) {
        ByteBuffer block = ByteBuffer.wrap(pipe.claim());
        block.putInt(0, i).putInt(BlockPipe.BLOCK_BYTES - Integer.BYTES, i);
        pipe.publish(BlockPipe.BLOCK_BYTES);
      }
      pipe.end(null);
    } catch (InterruptedException e) {
      pipe.end(e);
    }
  }
}
