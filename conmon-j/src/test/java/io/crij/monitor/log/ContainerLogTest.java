package io.crij.monitor.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.LinuxException;
import io.crij.monitor.figures.LogFigures;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerLogTest {
  @TempDir private Path folder;

  @Test
  void isClosedAgainWhenThereIsNoRoomForItsJournal() throws IOException {
    Path log = folder.resolve("0.log");
    LogSettings settings = new LogSettings(log.toString(), 0, false, 0, false, List.of());
    String journal = folder.resolve("absent/journal").toString();

    assertThatThrownBy(() -> ContainerLog.open(settings, journal, new LogFigures()))
        .isInstanceOf(LinuxException.class);
    assertThatThrownBy(() -> ContainerLog.resume(settings, journal, new LogFigures()))
        .isInstanceOf(LinuxException.class);

    assertThat(isOpen(log)).isFalse();
  }

  private static boolean isOpen(Path file) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path fd : all) {
        try {
          if (Files.readSymbolicLink(fd).equals(file)) {
            return true;
          }
        } catch (NoSuchFileException _) {
          // Another thread has closed it.
        }
      }
    }
    return false;
  }
}
