package io.crij.server.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ExecRequest;
import io.crij.runtime.container.RequestedStreams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is answered to requests, as bytes. */
final class HttpRequestsTest {
  private static final RequestedStreams STDOUT = new RequestedStreams(false, true, false, false);
  private static final String SPDY = "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n";
  private static final String WEB_SOCKET =
      """
      Connection: keep-alive, Upgrade\r
      Upgrade: websocket\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      """;

  private final Tokens tokens = new Tokens(System::nanoTime);

  private String ask(String requestLine, String headers) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new HttpServerCodec(4096, 65536, 8192),
            new HttpRequests(
                tokens,
                (context, request, _) ->
                    (WebSocketUpgrade.isAskedFor(request)
                            ? new WebSocketUpgrade(context, request)
                            : new SpdyUpgrade(context, request))
                        .command(STDOUT, _ -> {})));
    channel.writeInbound(
        Unpooled.copiedBuffer(
            requestLine + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n",
            StandardCharsets.ISO_8859_1));
    StringBuilder answer = new StringBuilder();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      answer.append(part.toString(StandardCharsets.ISO_8859_1));
      part.release();
    }
    channel.finishAndReleaseAll();
    return answer.toString();
  }

  private String token() {
    return tokens.give(new Grant.Exec(ExecRequest.getDefaultInstance()));
  }

  @ParameterizedTest
  @CsvSource({
    "GET /,404",
    "GET /exec,404",
    "GET /exec/,404",
    "GET /exec/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,404",
    "GET /exec/../../etc/passwd,404",
    "PUT /exec/AAAA,405",
    "CONNECT /exec/AAAA,405",
  })
  void whoeverHasNoTokenGetsNowhere(String request, int status) {
    assertThat(ask(request, SPDY)).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void aTokenIsGoodOnceAndForItsCall() {
    String token = token();
    assertThat(ask("POST /exec/" + token, "")).startsWith("HTTP/1.1 400 ");
    assertThat(ask("POST /exec/" + token, "")).startsWith("HTTP/1.1 404 ");
    assertThat(ask("POST /attach/" + token(), "")).startsWith("HTTP/1.1 404 ");
  }

  @Test
  void aRequestWithoutAProtocolIsABadOne() {
    assertThat(ask("POST /exec/" + token(), SPDY))
        .startsWith("HTTP/1.1 400 ")
        .contains("X-Stream-Protocol-Version");
    assertThat(ask("POST /exec/" + token(), "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .contains("missing upgrade headers");
    assertThat(ask("GET /exec/" + token(), "Connection: Upgrade\r\nUpgrade: websocket\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aProtocolThatWeDoNotHaveIsForbidden() {
    assertThat(ask("POST /exec/" + token(), SPDY + "X-Stream-Protocol-Version: v9.k8s.io\r\n"))
        .startsWith("HTTP/1.1 403 ")
        .contains("v4.channel.k8s.io\r\n", "v3.channel.k8s.io\r\n", "v2.channel.k8s.io\r\n")
        .containsIgnoringCase("X-Accepted-Stream-Protocol-Versions");
    assertThat(ask("GET /exec/" + token(), WEB_SOCKET + "Sec-WebSocket-Protocol: v9.k8s.io\r\n"))
        .startsWith("HTTP/1.1 403 ");
  }

  @Test
  void endlessHeadersAndBodiesAreRefused() {
    assertThat(ask("GET /exec/" + token(), "X: " + "x".repeat(100_000) + "\r\n"))
        .startsWith("HTTP/1.1 400 ");
    String body = "Content-Length: 100000\r\n\r\n" + "x".repeat(100_000);
    assertThat(ask("POST /exec/" + token(), body)).startsWith("HTTP/1.1 413 ");
  }
}
