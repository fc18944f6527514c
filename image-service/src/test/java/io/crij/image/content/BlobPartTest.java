package io.crij.image.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.content.BlobPart.Span;
import io.crij.image.disk.Trash;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BlobPartTest {
  private static final Descriptor BLOB =
      new Descriptor(MediaType.OCI_LAYER, Digest.sha256(new byte[] {1}), 1000);

  private final Path folder;
  private final Trash trash;

  BlobPartTest(@TempDir Path folder) throws IOException {
    this.folder = Files.createDirectory(folder.resolve("ingest"));
    this.trash = Trash.open(folder.resolve("trash"));
  }

  @AfterEach
  void close() {
    trash.close();
  }

  @Test
  void whatWasNotedIsFoundAgain() throws IOException {
    try (BlobPart part = take(open())) {
      assertThat(part.found()).isEmpty();
      part.write(500, new byte[] {5, 6, 7}, 3);
      part.write(0, new byte[100], 100);
      part.note(0, new Span(0, 90));
      part.note(1, new Span(500, 503));
      // Begun, and nothing came.
      part.note(2, new Span(750, 750));
      part.note(3, new Span(90, 100));
    }
    try (BlobPart part = take(open())) {
      assertThat(part.found()).containsExactly(new Span(0, 100), new Span(500, 503));
      byte[] read = new byte[3];
      assertThat(part.read(500, read, 0, 3)).isEqualTo(3);
      assertThat(read).containsExactly(5, 6, 7);
      part.delete();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void notesThatCannotBeAreNotBelieved() throws IOException {
    for (int flipped = 0; flipped < 100; flipped++) {
      Ingest ingest = open();
      try (BlobPart part = take(ingest)) {
        part.write(0, new byte[100], 100);
        part.note(0, new Span(0, 100));
      }
      Path notes = ingest.notes(BLOB.digest());
      byte[] bytes = Files.readAllBytes(notes);
      bytes[flipped] ^= (byte) 0x81;
      Files.write(notes, bytes);
      try (BlobPart part = take(open())) {
        assertThat(part.found())
            .allMatch(span -> 0 <= span.from() && span.from() < span.to() && span.to() <= 100);
      }
    }
  }

  @Test
  void onlyOneHasIt() throws IOException {
    Ingest ingest = open();
    try (BlobPart _ = take(ingest)) {
      assertThat(ingest.take(BLOB, "b")).isNull();
    }
    take(ingest).close();
  }

  @Test
  void whatIsOldOrNobodysGoes() throws IOException {
    Ingest ingest = open();
    take(ingest).close();
    Files.writeString(folder.resolve("other"), "?");
    Files.writeString(folder.resolve("sha256-12.spans"), "?");
    open();
    assertThat(folder.toFile().list()).hasSize(2);
    Files.setLastModifiedTime(
        ingest.data(BLOB.digest()), FileTime.from(Instant.now().minusSeconds(7200)));
    ingest.expire();
    assertThat(folder).isEmptyDirectory();
  }

  private Ingest open() throws IOException {
    return Ingest.open(folder, trash, Duration.ofHours(1));
  }

  private static BlobPart take(Ingest ingest) throws IOException {
    return Objects.requireNonNull(ingest.take(BLOB, "registry.example/app:v1"));
  }
}
