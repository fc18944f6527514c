package io.crij.e2e.streams;

import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.ExecRequest;
import io.crij.cri.v1.PortForwardRequest;
import io.crij.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crij.cri.v1.StopContainerRequest;
import io.crij.e2e.node.Node;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Asks for streams as the kubelet does, and opens them. */
public final class StreamCalls implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String COMMAND = "v4.channel.k8s.io";

  private final io.crij.cli.connection.Node cri;

  public StreamCalls(Node node) {
    cri = new io.crij.cli.connection.Node(Path.of(URI.create(node.endpoint()).getPath()));
  }

  public RuntimeServiceBlockingStub runtime() {
    return cri.runtime(LIMIT);
  }

  /** Where a command can be executed, with all that it writes to its standard output. */
  public URI exec(String container, String... command) {
    return exec(ExecRequest.newBuilder(), container, command);
  }

  /** The same for one that is also written to. */
  public URI execWithInput(String container, String... command) {
    return exec(ExecRequest.newBuilder().setStdin(true), container, command);
  }

  /** The same for one on a terminal. */
  public URI execOnTerminal(String container, String... command) {
    return exec(ExecRequest.newBuilder().setStdin(true).setTty(true), container, command);
  }

  private URI exec(ExecRequest.Builder request, String container, String... command) {
    request.setContainerId(container).addAllCmd(List.of(command)).setStdout(true);
    return URI.create(runtime().exec(request.build()).getUrl());
  }

  /** Why a command cannot be executed; empty when it can. */
  public String refusal(String container) {
    try {
      var _ = exec(container, "true");
      return "";
    } catch (StatusRuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Stops a container. */
  public void stop(String container, long graceSeconds) {
    StopContainerRequest request =
        StopContainerRequest.newBuilder()
            .setContainerId(container)
            .setTimeout(graceSeconds)
            .build();
    var _ = runtime().stopContainer(request);
  }

  /** Where a container can be attached to, to see what it writes. */
  public URI attach(String container) {
    return attach(AttachRequest.newBuilder().setContainerId(container).setStdout(true).build());
  }

  public URI attach(AttachRequest request) {
    return URI.create(runtime().attach(request).getUrl());
  }

  /** Where ports of a pod are forwarded; over SPDY the client says which. */
  public URI forward(String pod, int... ports) {
    PortForwardRequest.Builder request = PortForwardRequest.newBuilder().setPodSandboxId(pod);
    for (int port : ports) {
      request.addPort(port);
    }
    return URI.create(runtime().portForward(request.build()).getUrl());
  }

  /** Executes a command; its streams are to be opened. */
  public SpdyClient open(URI url) throws IOException {
    return SpdyClient.connect(url, COMMAND);
  }

  public SpdyClient openForward(String pod) throws IOException {
    return SpdyClient.connect(forward(pod), "portforward.k8s.io");
  }

  @Override
  public void close() {
    cri.close();
  }
}
