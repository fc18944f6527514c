package io.crij.monitor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.framing.CriFramer;
import io.crij.monitor.framing.FramedLines;
import io.crij.monitor.framing.Tail;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
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
    Journal.Entry entry = new Journal.Entry(2, 1L << 40, 1L << 41, 5, 60, 1, 0);
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

  @Test
  void anyInputComesBackFromItsLines() {
    Random random = new Random(42);
    NativeBuffer in = NativeBuffer.allocate(100_000);
    NativeBuffer out = NativeBuffer.allocate(1 << 19);
    for (int round = 0; round < 200; round++) {
      byte[] input = new byte[1 + random.nextInt(100_000)];
      random.nextBytes(input);
      CriFramer framer = new CriFramer("stdout");
      framer.stamp(Instant.ofEpochSecond(round, round));
      in.bytes().put(0, input);
      FramedLines framed = new FramedLines(in, out);
      assertThat(framer.frame(framed, input.length, Tail.FINAL)).isEqualTo(input.length);
      byte[] lines = new byte[framed.bytes()];
      framed.copyTo(ByteBuffer.wrap(lines));
      assertThat(LoggedChunk.input(lines, input.length)).as("round %d", round).isEqualTo(input);
    }
  }

  @Test
  void theLastBytesTellWhetherTheChunkWasTaken() {
    byte[] input = "y\ny\ny\n".getBytes(StandardCharsets.US_ASCII);
    int witness = LoggedChunk.witnessBytes(ByteBuffer.wrap(input), input.length);
    assertThat(witness).isEqualTo(1);
    LoggedChunk taken = new LoggedChunk(1, input, witness, 1);
    assertThat(taken.stillIn(input)).as("the same again").isZero();
    LoggedChunk untaken = new LoggedChunk(1, input, witness, 0);
    assertThat(untaken.stillIn(input)).isEqualTo(input.length);
    byte[] rest = "\ny\ny\ny\n".getBytes(StandardCharsets.US_ASCII);
    assertThat(untaken.stillIn(rest)).as("all but the last byte").isEqualTo(1);
  }

  @Test
  void theLastBytesDifferFromTheFirst() {
    assertThat(witnessBytes("\na\n")).isEqualTo(2);
    assertThat(witnessBytes("abab")).isEqualTo(1);
    assertThat(witnessBytes("aba")).isEqualTo(2);
    assertThat(witnessBytes("\n\n\n")).as("nothing differs").isEqualTo(1);
    assertThat(witnessBytes("")).isZero();
  }

  private static int witnessBytes(String input) {
    byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
    return LoggedChunk.witnessBytes(ByteBuffer.wrap(bytes), bytes.length);
  }

  private Path write(String content) throws Exception {
    return Files.writeString(folder.resolve("log"), content);
  }

  private static Journal.Entry entry(Path log) throws Exception {
    long inode = (long) Files.getAttribute(log, "unix:ino");
    return new Journal.Entry(1, inode, BEFORE.length(), "one two\n".length(), CHUNK.length(), 1, 0);
  }
}
