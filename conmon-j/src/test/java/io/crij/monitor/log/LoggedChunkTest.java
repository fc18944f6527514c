package io.crij.monitor.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoggedChunkTest {
  private static final String BEFORE = "2026-01-01T00:00:00.000000000Z stdout F before\n";
  private static final String CHUNK =
      "2026-01-01T00:00:01.000000000Z stdout P one\n2026-01-01T00:00:01.000000000Z stdout F  two\n";

  @TempDir Path folder;

  @Test
  void givesBackTheInputOfAChunkThatWasAppended() throws Exception {
    Path log = write(BEFORE + CHUNK + BEFORE);
    LoggedChunk chunk = LoggedChunk.find(log.toString(), entry(log));
    assertThat(chunk).isNotNull();
    assertThat(chunk.input()).asString().isEqualTo("one two\n");
    assertThat(chunk.stream()).isEqualTo(1);
  }

  @Test
  void findsALogThatWasRenamedMeanwhile() throws Exception {
    Path log = write(BEFORE + CHUNK);
    Journal.Entry entry = entry(log);
    Files.move(log, folder.resolve("log.1"));
    Files.writeString(log, "");
    assertThat(LoggedChunk.find(log.toString(), entry)).isNotNull();
  }

  @Test
  void cutsOffAChunkThatWasAppendedInPart() throws Exception {
    Path log = write(BEFORE + CHUNK.substring(0, 50));
    assertThat(LoggedChunk.find(log.toString(), entry(log))).isNull();
    assertThat(log).hasContent(BEFORE);
  }

  @Test
  void aChunkThatWasNotAppendedIsNotLogged() throws Exception {
    Path log = write(BEFORE);
    assertThat(LoggedChunk.find(log.toString(), entry(log))).isNull();
    assertThat(log).hasContent(BEFORE);
  }

  @Test
  void aJournalTellsTheNextWhatWasUnderWay() {
    String path = folder.resolve("journal").toString();
    Journal.Entry entry = new Journal.Entry(2, 1L << 40, 1L << 41, 5, 60);
    try (Journal journal = Journal.open(path)) {
      assertThat(journal.pending()).isNull();
      journal.begin(entry);
      journal.midLine(2, true);
    }
    try (Journal journal = Journal.open(path)) {
      assertThat(journal.pending()).isEqualTo(entry);
      assertThat(journal.isMidLine(1)).isFalse();
      assertThat(journal.isMidLine(2)).isTrue();
      journal.clear();
      assertThat(journal.pending()).isNull();
    }
  }

  private Path write(String content) throws Exception {
    return Files.writeString(folder.resolve("log"), content);
  }

  private static Journal.Entry entry(Path log) throws Exception {
    long inode = (long) Files.getAttribute(log, "unix:ino");
    return new Journal.Entry(1, inode, BEFORE.length(), "one two\n".length(), CHUNK.length());
  }
}
