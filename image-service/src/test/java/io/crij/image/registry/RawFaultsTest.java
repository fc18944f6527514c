package io.crij.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults below HTTP, which a proper server cannot make. */
class RawFaultsTest {
  private static final byte[] CONTENT = new byte[300_000];
  private static final Descriptor BLOB =
      new Descriptor("a/b", Digest.sha256(CONTENT), CONTENT.length);

  private final ServerSocket server;
  private final AtomicInteger connections = new AtomicInteger();
  @TempDir Path folder;

  /** What is done with a connection once its request was read. */
  @FunctionalInterface
  private interface Answer {
    void to(Socket socket, OutputStream out, int turn) throws IOException;
  }

  RawFaultsTest() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private Pulls serve(Answer answer) {
    Thread.ofVirtual()
        .start(() -> {
          while (!server.isClosed()) {
            accept(answer);
          }
        });
    return new Pulls(folder, "127.0.0.1:" + server.getLocalPort()).plain();
  }

  /** One client may stay with an answer that has no end, and come again. */
  private void accept(Answer answer) {
    try {
      Socket socket = server.accept();
      Thread.ofVirtual().start(() -> answer(socket, answer));
    } catch (IOException e) {
      // the test has gone
    }
  }

  private void answer(Socket accepted, Answer answer) {
    try (Socket socket = accepted) {
      byte[] request = new byte[4096];
      if (socket.getInputStream().read(request) > 0) {
        answer.to(socket, socket.getOutputStream(), connections.incrementAndGet());
      }
    } catch (IOException e) {
      // the client has gone
    }
  }

  private static void head(OutputStream out, String text) throws IOException {
    out.write(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static byte[] fetch(Pulls node) throws IOException {
    try (ImageSource source = node.open(":v1");
        InputStream stream = source.blob(BLOB)) {
      return stream.readAllBytes();
    }
  }

  @Test
  void aResetInTheMiddleIsOvercome() throws IOException {
    Pulls node =
        serve((socket, out, turn) -> {
          head(out, "HTTP/1.1 200 OK\nContent-Length: 300000\n\n");
          out.write(CONTENT, 0, turn == 1 ? 100_000 : 300_000);
          out.flush();
          if (turn == 1) {
            socket.setSoLinger(true, 0); // close then sends RST
          }
        });
    assertThat(fetch(node)).isEqualTo(CONTENT);
    assertThat(connections).hasValue(2);
  }

  @Test
  void bytesBehindTheAnnouncedLengthAreNotRead() throws IOException {
    Pulls node =
        serve((socket, out, turn) -> {
          head(out, "HTTP/1.1 200 OK\nContent-Length: 300000\nConnection: close\n\n");
          out.write(CONTENT);
          out.write(new byte[1000]);
          out.flush();
        });
    assertThat(fetch(node)).isEqualTo(CONTENT);
  }

  @Test
  void aConnectionClosedAtOnceIsUnavailable() {
    Pulls node = serve((socket, out, turn) -> {});
    assertThatThrownBy(() -> fetch(node))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageContaining("connection broken");
  }

  /** The JDK's message would quote what the host says, which may be what it was sent. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret\n\n",
        "SSH-2.0-secret\n",
        "HTTP/1.1 secret\n\n",
        "HTTP/9.9 200 secret\n\n",
        "HTTP/1.1 200 OK\nsecret\n\n",
        "HTTP/1.1 200 OK\nContent-Length: secret\n\n",
        "HTTP/1.1 200 OK\nContent-Length: -1\n\n",
        "HTTP/1.1 200 OK\nContent-Length: 1\nContent-Length: 2\n\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nsecret\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nffffffffffffffff\n",
      })
  void malformedHttpIsRefusedAndNotQuoted(String answer) {
    Pulls node = serve((socket, out, turn) -> head(out, answer));
    assertThatThrownBy(() -> fetch(node))
        .isInstanceOf(ImageException.class)
        .satisfies(e -> assertThat(Secrets.everythingIn(e)).doesNotContain("secret"));
  }

  /** By the JDK's bound on their size, 384 KiB: the time of this client would let 60 s pass. */
  @Test
  void headersWithoutEndAreCutOff() {
    Pulls node =
        serve((socket, out, turn) -> {
          head(out, "HTTP/1.1 200 OK\n");
          while (true) {
            head(out, "X-Filler: " + "x".repeat(4000) + "\n");
          }
        });
    assertThatThrownBy(() -> fetch(node))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageContaining("malformed HTTP");
  }

  /** By the JDK's bound on their number, 8. */
  @Test
  void interimAnswersWithoutEndAreGivenUp() {
    Pulls node =
        serve((socket, out, turn) -> {
          while (true) {
            head(out, "HTTP/1.1 103 Early Hints\n\n");
          }
        });
    assertThatThrownBy(() -> fetch(node))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageContaining("malformed HTTP");
  }
}
