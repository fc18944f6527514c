package io.crij.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static Image image(int idBytes) {
    return Image.newBuilder().setId("x".repeat(idBytes)).build();
  }

  private static List<List<Image>> batches(Stream<Image> images) {
    List<List<Image>> batches = new ArrayList<>();
    Batches.send(images.iterator(), batches::add);
    return batches;
  }

  @Test
  void eachItemIsInOneBatchInItsPlace() {
    List<Image> images = IntStream.range(0, 250).mapToObj(BatchesTest::image).toList();

    List<List<Image>> batches = batches(images.stream());

    assertThat(batches).extracting(List::size).containsExactly(100, 100, 50);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyElementsOf(images);
  }

  @Test
  void largeItemsEndABatchEarly() {
    Image large = image(600 << 10);
    Image huge = image(3 << 20);

    assertThat(batches(Stream.of(large, image(1), large, huge, large)))
        .extracting(List::size)
        .containsExactly(2, 1, 1, 1);
  }

  @Test
  void noItemsAreNoBatch() {
    assertThat(batches(Stream.empty())).isEmpty();
  }

  @Test
  void itemsAreMadeWhenTheyAreAskedFor() {
    List<Integer> made = new ArrayList<>();
    Stream<Image> images =
        IntStream.range(0, 1000)
            .mapToObj(i -> {
              made.add(i);
              return image(1);
            });

    Batches.send(images.iterator(), batch -> assertThat(made.size() % 100).isBetween(0, 1));

    assertThat(made).hasSize(1000);
  }
}
