package io.crij.server.streaming.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TerminalSizesTest {
  private final List<String> seen = new ArrayList<>();
  private final TerminalSizes sizes =
      new TerminalSizes(size -> seen.add(size.getColumns() + "x" + size.getRows()));

  private void send(String text) {
    sizes.data(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }

  @Test
  void sizesAreReadHoweverTheyAreCut() {
    String text = "{\"Width\":80,\"Height\":24}\n{\"Width\":132,\"Height\":43}\n";
    for (int i = 0; i < text.length(); i++) {
      send(text.substring(i, i + 1));
    }
    send(text);
    assertThat(seen).containsExactly("80x24", "132x43", "80x24", "132x43");
  }

  @Test
  void whatIsNoSizeIsPassedOver() {
    send("{}nonsense}{\"Width\":0,\"Height\":24}{\"Width\":70000,\"Height\":24}[]]]}");
    send("{" + "\"a\":1,".repeat(100_000) + "\"Width\":1,\"Height\":1}");
    send("{\"Width\":1,\"Height\":2}");
    assertThat(seen).containsExactly("1x2");
  }
}
