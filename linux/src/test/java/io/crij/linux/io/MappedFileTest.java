package io.crij.linux.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.Fd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MappedFileTest {
  @TempDir Path folder;

  @Test
  @SuppressWarnings("try") // Closing early is what is tested.
  void whatIsStoredIsInTheFile() throws Exception {
    Path path = folder.resolve("mapped");
    try (MappedFile file = MappedFile.open(path.toString(), 64)) {
      file.putLong(56, -5);
      assertThat(Files.size(path)).isEqualTo(64);
      ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.nativeOrder());
      assertThat(content.getLong(56)).isEqualTo(-5);
      assertThatThrownBy(() -> file.putLong(57, 0)).isInstanceOf(IllegalStateException.class);
      file.close();
      assertThatThrownBy(() -> file.getLong(0)).isInstanceOf(IllegalStateException.class);
    }
    try (MappedFile file = MappedFile.open(path.toString(), 64)) {
      assertThat(file.getLong(56)).isEqualTo(-5);
    }
  }

  @Test
  @SuppressWarnings("try") // Closing early is what is tested.
  void oneLockAtATime() {
    String path = folder.resolve("lock").toString();
    try (Fd first = Fd.open(path, Fd.O_RDWR | Fd.O_CREAT, 0600);
        Fd second = Fd.open(path, Fd.O_RDWR, 0)) {
      assertThat(Descriptors.tryLock(first)).isTrue();
      assertThat(Descriptors.tryLock(second)).isFalse();
      first.close();
      assertThat(Descriptors.tryLock(second)).isTrue();
    }
  }
}
