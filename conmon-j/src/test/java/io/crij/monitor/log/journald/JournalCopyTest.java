package io.crij.monitor.log.journald;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.io.NativeBuffer;
import io.crij.linux.systemd.TestSystemd;
import io.crij.monitor.framing.CriFramer;
import io.crij.monitor.framing.FramedLines;
import io.crij.monitor.framing.Tail;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalCopyTest {
  private static final int SECONDS = 60;
  private static final String LINE = "CONTAINER_ID=12ab";
  private static final int BUFFER_BYTES = 256 * 1024;
  private static final List<String> FIELDS = List.of(LINE, "CONTAINER_NAME=web");

  @TempDir Path folder;

  private static FramedLines lines(String stream, String text) {
    byte[] output = text.getBytes(StandardCharsets.UTF_8);
    FramedLines lines =
        new FramedLines(NativeBuffer.allocate(BUFFER_BYTES), NativeBuffer.allocate(BUFFER_BYTES));
    lines.in().bytes().put(0, output);
    CriFramer framer = new CriFramer(stream);
    framer.stamp(Instant.EPOCH);
    assertThat(framer.frame(lines, output.length, Tail.PARTIAL)).isEqualTo(output.length);
    return lines;
  }

  private static String entry(String head, String message) {
    // Lengths below 128 are one byte of UTF-8.
    return head
        + "\nCONTAINER_ID=12ab\nCONTAINER_NAME=web\nMESSAGE\n"
        + (char) message.length()
        + "\0".repeat(Long.BYTES - 1)
        + message
        + "\n";
  }

  @Test
  void eachLineIsAnEntryWithItsStreamAndItsContainer() throws Exception {
    Path socket = folder.resolve("socket");
    try (TestSystemd journal = TestSystemd.at(socket);
        JournalCopy copy = new JournalCopy(FIELDS, socket.toString())) {
      copy.add(lines("stdout", "PRIORITY=0 of a tenant\n\nrest"));
      assertThat(journal.await(LINE, SECONDS))
          .isEqualTo(entry("PRIORITY=6", "PRIORITY=0 of a tenant"));
      assertThat(journal.await(LINE, SECONDS)).isEqualTo(entry("PRIORITY=6", ""));
      assertThat(journal.await(LINE, SECONDS))
          .isEqualTo(entry("PRIORITY=6\nCONTAINER_PARTIAL_MESSAGE=true", "rest"));
      copy.add(lines("stderr", "bad\n"));
      assertThat(journal.await(LINE, SECONDS)).isEqualTo(entry("PRIORITY=3", "bad"));
    }
  }

  @Test
  void withoutAJournalNothingHappens() {
    try (JournalCopy copy = new JournalCopy(FIELDS, folder.resolve("absent").toString())) {
      copy.add(lines("stdout", "a\n"));
      copy.add(lines("stdout", "b\n"));
    }
  }
}
