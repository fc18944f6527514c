package io.crij.image.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is removed is out of the way at once, and deleted when there is time. */
@Timeout(60)
final class TrashTest {
  @TempDir private Path folder;

  @Test
  void whatIsTakenIsGoneBeforeAFileOfItIsDeleted() throws Exception {
    Path layer = Files.createDirectories(folder.resolve("layers/one"));
    for (int i = 0; i < 100; i++) {
      Files.writeString(layer.resolve("f" + i), "x");
    }
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService deleter = Executors.newSingleThreadExecutor();
    Future<Boolean> busy = deleter.submit(() -> go.await(30, TimeUnit.SECONDS));
    Path bin = folder.resolve("trash");
    try (Trash trash = Trash.open(bin, deleter)) {
      trash.take(layer);
      assertThat(layer).as("the call has returned").doesNotExist();
      assertThat(files(bin)).as("the folder and its files").isEqualTo(101);
      go.countDown();
      assertThat(busy.get()).isTrue();
      deleter.submit(() -> {}).get();
      assertThat(files(bin)).isZero();
    }
  }

  @Test
  void whatWasLeftIsDeletedAtTheNextStart() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("trash"));
    Files.writeString(Files.createDirectory(bin.resolve("left")).resolve("f"), "x");
    ExecutorService deleter = Executors.newSingleThreadExecutor();
    try (Trash _ = Trash.open(bin, deleter)) {
      deleter.submit(() -> {}).get();
      assertThat(files(bin)).isZero();
    }
  }

  private static long files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.count() - 1;
    }
  }
}
