package io.crij.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads container logs as strictly as they have to be written. */
final class CriLogText {
  private static final Pattern HEADER =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{9}Z (stdout|stderr) ([PF]) ");
  private static final int HEADER_BYTES = "2026-01-01T00:00:00.000000000Z stdout F ".length();
  private static final int MAX_CONTENT = 16 * 1024;

  private CriLogText() {}

  /** What was written to each stream; bytes as ISO 8859-1. */
  static Map<String, String> read(Path log) throws IOException {
    return read(Files.readAllBytes(log));
  }

  static Map<String, String> read(byte[] log) {
    Map<String, ByteArrayOutputStream> streams = new TreeMap<>();
    int at = 0;
    while (at < log.length) {
      int end = at;
      while (end < log.length && log[end] != '\n') {
        end++;
      }
      assertThat(end).as("the last line is whole").isLessThan(log.length);
      String header =
          new String(log, at, Math.min(HEADER_BYTES, end - at), StandardCharsets.ISO_8859_1);
      Matcher matcher = HEADER.matcher(header);
      assertThat(matcher.matches()).as("header at %d: %s", at, header).isTrue();
      assertThat(end - at - HEADER_BYTES).isLessThanOrEqualTo(MAX_CONTENT);
      boolean full = matcher.group(2).equals("F");
      streams
          .computeIfAbsent(matcher.group(1), _ -> new ByteArrayOutputStream())
          .write(log, at + HEADER_BYTES, end - at - HEADER_BYTES + (full ? 1 : 0));
      at = end + 1;
    }
    Map<String, String> text = new TreeMap<>();
    streams.forEach((name, bytes) -> text.put(name, bytes.toString(StandardCharsets.ISO_8859_1)));
    return text;
  }
}
