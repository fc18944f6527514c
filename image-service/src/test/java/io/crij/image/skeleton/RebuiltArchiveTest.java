package io.crij.image.skeleton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.tar.TarEntry;
import io.crij.image.tar.TarReader;
import io.crij.image.tar.TarType;
import io.crij.image.tar.TestTar;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Tree;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RebuiltArchiveTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream record = new ByteArrayOutputStream();

  @Test
  void anArchiveIsPutTogetherFromItsRecordAndFiles() throws IOException {
    TestTar tar = new TestTar().pax("comment", "c".repeat(2000)).directory("d").file("empty", "");
    for (int i = 0; i < 300; i++) {
      tar.file("d/f" + i, "content ".repeat(i * 37 % 900) + i);
    }
    byte[] archive = padded(tar.symlink("l", "d").link("h", "d/f1").build(), 12_345);
    assertThat(unpack(archive)).isTrue();
    assertThat(record.size()).isLessThan(archive.length / 4);
    assertThat(rebuilt()).isEqualTo(archive);

    Files.writeString(folder.resolve("d/f7"), "longer than before ".repeat(900));
    assertThat(rebuilt()).isNotEqualTo(archive);
    Files.writeString(folder.resolve("d/f7"), "");
    assertThatThrownBy(this::rebuilt).isInstanceOf(IOException.class);
    Files.delete(folder.resolve("d/f7"));
    assertThatThrownBy(this::rebuilt).isInstanceOf(IOException.class).hasMessageContaining("d/f7");
    Files.createSymbolicLink(folder.resolve("d/f7"), Path.of("/etc/passwd"));
    assertThatThrownBy(this::rebuilt).isInstanceOf(IOException.class);
  }

  @Test
  void archivesWhoseFilesDoNotStayAreNotTrusted() throws IOException {
    for (TestTar tar :
        new TestTar[] {
          new TestTar().file("a", "1").file("a", "2"),
          new TestTar().file("a", "1").file("./a", "2"),
          new TestTar().file("a/b", "1").file("a", "2"),
          new TestTar().directory("a").symlink("a", "b"),
          new TestTar().file("a", "1").directory("a"),
          new TestTar().symlink("a", "b").file("a/c", "1"),
        }) {
      record.reset();
      assertThat(recordOnly(tar.build())).isFalse();
    }
    record.reset();
    assertThat(recordOnly(new TestTar().directory("a").directory("a").file("a/b", "").build()))
        .isTrue();
  }

  private boolean unpack(byte[] archive) throws IOException {
    return record(archive, true);
  }

  private boolean recordOnly(byte[] archive) throws IOException {
    return record(archive, false);
  }

  private boolean record(byte[] archive, boolean makeFiles) throws IOException {
    try (ArchiveRecorder recorder =
        new ArchiveRecorder(new ByteArrayInputStream(archive), record)) {
      TarReader reader = new TarReader(recorder);
      for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
        BytePath path = BytePath.of(entry.name());
        switch (entry.type()) {
          case REGULAR -> recorder.file(path, entry.content().sizeBytes());
          case DIRECTORY -> recorder.folder(path);
          case SYMLINK -> recorder.link(path);
          case HARD_LINK, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> recorder.other(path);
        }
        Path file = folder.resolve(path.toString().substring(1));
        if (makeFiles && entry.type() == TarType.REGULAR) {
          byte[] content = new byte[(int) entry.content().sizeBytes()];
          int n = 0;
          while (n < content.length) {
            n += reader.read(content, n, content.length - n);
          }
          Files.createDirectories(file.resolveSibling("."));
          Files.write(file, content);
        }
      }
      return recorder.finish();
    }
  }

  private byte[] rebuilt() throws IOException {
    try (RebuiltArchive archive =
        new RebuiltArchive(new ByteArrayInputStream(record.toByteArray()), Tree.open(folder))) {
      return archive.readAllBytes();
    }
  }

  /** What follows the end of an archive counts in its digest. */
  private static byte[] padded(byte[] archive, int bytes) {
    return Arrays.copyOf(archive, archive.length + bytes);
  }
}
