package io.crij.monitor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.testing.LeavesNoTrace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class PageCacheKernelTest {
  private static final int STEP_BYTES = 1 << 20;
  private static final int LOG_BYTES = 64 * STEP_BYTES;
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private Path disk;
  private Path log;

  @BeforeEach
  void makeFolder() throws Exception {
    // Not a temporary folder, which may be a tmpfs: its files are nothing but page cache.
    disk = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "log");
    log = disk.resolve("0.log");
  }

  @AfterEach
  void removeFolder() throws Exception {
    Files.deleteIfExists(log);
    Files.delete(disk);
  }

  @Test
  void aLogOfManyBytesDoesNotFillIt() throws Exception {
    append(() -> true);
    long deadline = System.nanoTime() + WAIT_NANOS;
    while (cachedBytes() > LOG_BYTES / 2 && System.nanoTime() < deadline) {
      // Pages can be dropped once they are on the disk.
      append(() -> true);
    }
    assertThat(cachedBytes()).isLessThan(Files.size(log) / 2);
  }

  @Test
  void aLogStaysInItWhileMemoryIsFree() throws Exception {
    append(() -> false);
    // The kernel may take back some of it: others need memory too.
    assertThat(cachedBytes()).isGreaterThan(LOG_BYTES / 2);
  }

  private void append(BooleanSupplier isMemoryShort) {
    PageCache cache = new PageCache(isMemoryShort);
    NativeBuffer text = NativeBuffer.allocate(STEP_BYTES);
    try (Fd fd = Fd.open(log.toString(), Fd.O_WRONLY | Fd.O_CREAT | Fd.O_APPEND, 0600)) {
      for (int written = 0; written < LOG_BYTES; ) {
        int n = Descriptors.write(fd, text, 0, STEP_BYTES);
        written += n;
        cache.appended(fd, n);
      }
    }
  }

  private long cachedBytes() throws Exception {
    Process fincore =
        new ProcessBuilder("/usr/bin/fincore", "-b", "-n", "-o", "RES", log.toString()).start();
    String bytes = new String(fincore.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(fincore.waitFor()).isZero();
    return Long.parseLong(bytes.trim());
  }
}
