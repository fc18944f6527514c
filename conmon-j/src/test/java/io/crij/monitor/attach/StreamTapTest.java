package io.crij.monitor.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StreamTapTest {
  private final StreamTap tap = new StreamTap();
  private final Attachment attachment = new Attachment(_ -> {});
  private final Fd client = attachment.read(tap);

  @AfterEach
  void close() {
    attachment.close();
    client.close();
  }

  @Test
  void passesOnOnceWhatStaysInTheStream() {
    assertThat(passedOn("line\nprompt> ", true)).isEqualTo("line\nprompt> ");
    tap.taken(5);
    assertThat(passedOn("prompt> ", true)).isEmpty();
    assertThat(passedOn("prompt> more", true)).isEqualTo("more");
  }

  @Test
  void aShorterLookRepeatsNothing() {
    assertThat(passedOn("abcdef", false)).isEqualTo("abcdef");
    tap.taken(2);
    assertThat(passedOn("cd", false)).isEmpty();
    tap.taken(2);
    assertThat(passedOn("efgh", true)).isEqualTo("gh");
  }

  @Test
  void goesOnWhereTheContainerHasReadItsOwnStream() {
    assertThat(passedOn("abcdef", true)).isEqualTo("abcdef");
    assertThat(passedOn("ef", true)).isEmpty();
    assertThat(passedOn("efgh", true)).isEqualTo("gh");
  }

  private String passedOn(String inStream, boolean isAll) {
    NativeBuffer buffer = NativeBuffer.allocate(64);
    byte[] bytes = inStream.getBytes(StandardCharsets.UTF_8);
    buffer.bytes().put(0, bytes);
    tap.seen(buffer, bytes.length, isAll);
    int n = Math.max(0, Descriptors.read(client, buffer, 0, 64));
    byte[] read = new byte[n];
    buffer.bytes().get(0, read);
    return new String(read, StandardCharsets.UTF_8);
  }
}
