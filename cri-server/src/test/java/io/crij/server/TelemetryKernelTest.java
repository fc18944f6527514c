package io.crij.server;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crij.admin.v1.DumpHeapRequest;
import io.crij.admin.v1.DumpThreadsRequest;
import io.crij.admin.v1.SetLogRequest;
import io.crij.admin.v1.SetLogResponse;
import io.crij.cri.v1.AuthConfig;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ContainerMetadata;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.KeyValue;
import io.crij.cri.v1.LinuxPodSandboxConfig;
import io.crij.cri.v1.LinuxSandboxSecurityContext;
import io.crij.cri.v1.Mount;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crij.cri.v1.StartContainerRequest;
import io.crij.cri.v1.VersionRequest;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import io.crij.server.tracing.OtlpReceiver;
import io.crij.server.tracing.OtlpReceiver.Span;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a running crijd tells of itself besides its metrics: spans, its log, dumps. */
@Tag("root")
@Timeout(180)
@ExtendWith(LeavesNoTrace.class)
final class TelemetryKernelTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String CALLS = "runtime.v1.RuntimeService/";
  private static final List<String> PLANTED =
      List.of("planted-password", "planted-token", "planted-environment", "planted-annotation");

  private PrivateRoot folder;
  private TestServer server;

  @BeforeEach
  void setUp(PrivateRoot folder) throws IOException {
    this.folder = folder;
    this.server = new TestServer(folder);
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private void configure(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("crij.toml"), text);
    server.set("CRIJ_CONFIG", file.toString());
  }

  /** What kubelet sends when it wants spans. */
  private Channel traced() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER),
        "00-" + TRACE + "-" + PARENT + "-01");
    return ClientInterceptors.intercept(
        server.channel("crij.sock"), MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Test
  void aPodsStartIsSeenStageByStageAndNothingSecretWithIt() throws Exception {
    try (OtlpReceiver collector = new OtlpReceiver();
        OneImageRegistry registry = new OneImageRegistry()) {
      configure(
          """
          [crij.runtime]
          log_level = 'trace'
          [crij.image]
          registry_hosts_dir = '%s'
          [crij.tracing]
          enable_tracing = true
          tracing_endpoint = '%s'
          """
              .formatted(registry.hostsFolder(folder.resolve("hosts")), collector.endpoint()));
      var _ = server.start();
      RuntimeServiceBlockingStub cri = RuntimeServiceGrpc.newBlockingStub(traced());
      String pod = cri.runPodSandbox(pod()).getPodSandboxId();
      assertThatThrownBy(() -> cri.createContainer(container(pod)))
          .isInstanceOf(StatusRuntimeException.class);
      assertThatThrownBy(() -> ImageServiceGrpc.newBlockingStub(traced()).pullImage(pull()))
          .isInstanceOf(StatusRuntimeException.class);
      RuntimeServiceBlockingStub untraced =
          RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"));
      assertThat(untraced.version(VersionRequest.getDefaultInstance())).isNotNull();
      var _ = cri.removePodSandbox(removal(pod));

      await("all spans", () -> names(collector).contains(CALLS + "RemovePodSandbox"));

      assertThat(collector.spans()).allMatch(span -> span.traceId().equals(TRACE));
      Span run = only(collector, CALLS + "RunPodSandbox");
      assertThat(run.parentId()).isEqualTo(PARENT);
      assertThat(run.subject()).as("what it made").isEqualTo(pod);
      assertThat(names(collector, run.id()))
          .containsExactly("beginning", "namespaces", "pod_files");
      Span create = only(collector, CALLS + "CreateContainer");
      assertThat(create.status()).isEqualTo("NOT_FOUND");
      assertThat(create.subject()).isEqualTo(pod);
      Span pull = only(collector, "runtime.v1.ImageService/PullImage");
      assertThat(pull.status()).isNotEmpty();
      assertThat(names(collector, pull.id())).containsExactly("manifest");
      assertThat(names(collector)).doesNotContain(CALLS + "Version");
      assertThatAContainerIsSeenFromItsPullToItsStart(cri, registry, collector);
      assertThat(collector.text()).contains("crijd", pod).doesNotContain(PLANTED);
      assertThat(server.log())
          .contains("RunPodSandbox " + pod + " OK", "CreateContainer", "pull ")
          .doesNotContain(PLANTED);
    }
  }

  private void assertThatAContainerIsSeenFromItsPullToItsStart(
      RuntimeServiceBlockingStub cri, OneImageRegistry registry, OtlpReceiver collector) {
    int before = collector.spans().size();
    ImageSpec image = ImageSpec.newBuilder().setImage(registry.image()).build();
    var _ =
        ImageServiceGrpc.newBlockingStub(traced())
            .pullImage(PullImageRequest.newBuilder().setImage(image).build());
    String pod = cri.runPodSandbox(pod()).getPodSandboxId();
    String container = cri.createContainer(ofNodesPrograms(pod, image)).getContainerId();
    var _ =
        cri.startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
    var _ = cri.removePodSandbox(removal(pod));
    await("all spans", () -> later(collector, before).contains(CALLS + "RemovePodSandbox"));

    assertThat(later(collector, before))
        .containsSubsequence("manifest", "layers", "commit", "runtime.v1.ImageService/PullImage")
        .containsSubsequence("specification", "oci_runtime", CALLS + "CreateContainer");
    Span pull = last(collector, "runtime.v1.ImageService/PullImage");
    assertThat(names(collector, pull.id())).containsExactly("manifest", "layers", "commit");
    Span create = last(collector, CALLS + "CreateContainer");
    assertThat(names(collector, create.id()))
        .containsSubsequence("beginning", "root_file_system", "specification", "oci_runtime");
    Span start = last(collector, CALLS + "StartContainer");
    assertThat(names(collector, start.id())).containsExactly("beginning", "start");
  }

  private static List<String> later(OtlpReceiver collector, int before) {
    return collector.spans().stream().skip(before).map(Span::name).toList();
  }

  private static Span last(OtlpReceiver collector, String name) {
    return collector.spans().stream().filter(span -> span.name().equals(name)).toList().getLast();
  }

  private static List<String> names(OtlpReceiver collector) {
    return collector.spans().stream().map(Span::name).toList();
  }

  private static List<String> names(OtlpReceiver collector, String parent) {
    return collector.spans().stream()
        .filter(span -> span.parentId().equals(parent))
        .map(Span::name)
        .toList();
  }

  private static Span only(OtlpReceiver collector, String name) {
    List<Span> spans = collector.spans().stream().filter(span -> span.name().equals(name)).toList();
    assertThat(spans).as(name).hasSize(1);
    return spans.getFirst();
  }

  @Test
  void theLogChangesAtOnceAndSighupBringsTheConfigurationBack() throws Exception {
    configure("[crij.runtime]\nlog_level = 'info'\n");
    Process crijd = server.start();
    RuntimeServiceBlockingStub cri =
        RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"));

    assertThat(setLog("debug", "Version")).hasToString("level: \"debug\"\nfilter: \"Version\"\n");
    assertThat(cri.version(VersionRequest.getDefaultInstance())).isNotNull();
    await("the line of a call", () -> server.log().contains("rpc: Version OK in "));
    var _ = cri.removePodSandbox(removal("absent"));
    assertThatThrownBy(() -> setLog("loud", "")).hasMessageContaining("level: 'loud' is none of");
    assertThatThrownBy(() -> setLog("info", "(")).hasMessageContaining("not a regular expression");

    assertThat(setLog("", "").getLevel()).isEqualTo("debug");
    server.hangUp(crijd);
    SetLogResponse now = server.admin().setLog(SetLogRequest.getDefaultInstance());
    assertThat(now).hasToString("level: \"info\"\n");
    assertThat(server.log()).as("what the filter held back").doesNotContain("RemovePodSandbox");
  }

  private SetLogResponse setLog(String level, String filter) {
    return server
        .admin()
        .setLog(SetLogRequest.newBuilder().setLevel(level).setFilter(filter).build());
  }

  @Test
  void dumpsShowWhatCrijdDoesAndHoldsToRootAlone() throws Exception {
    var _ = server.start();
    assertThatThrownBy(
            () -> ImageServiceGrpc.newBlockingStub(server.channel("crij.sock")).pullImage(pull()))
        .isInstanceOf(StatusRuntimeException.class);

    String threads = server.admin().dumpThreads(DumpThreadsRequest.getDefaultInstance()).getText();
    assertThat(threads).contains("io.crij.server.admin.Dumps.threads").doesNotContain(PLANTED);
    Path file = folder.resolve("heap.hprof");
    assertThat(dumpHeap(file.toString())).isEqualTo(Files.size(file)).isPositive();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String heap = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertThat(PLANTED).noneMatch(heap::contains);
    assertThatThrownBy(() -> dumpHeap(file.toString())).hasMessageContaining("is there already");
    assertThatThrownBy(() -> dumpHeap("heap.hprof")).hasMessageContaining("not an absolute path");
    assertThatThrownBy(() -> dumpHeap(folder.resolve("heap").toString()))
        .hasMessageContaining(".hprof");
    assertThatThrownBy(() -> dumpHeap(folder.resolve("absent/heap.hprof").toString()))
        .hasMessageContaining("there is no folder");
    try (var left = Files.newDirectoryStream(server.runroot(), ".dump*")) {
      assertThat(left).isEmpty();
    }
  }

  private long dumpHeap(String path) {
    return server
        .admin()
        .dumpHeap(DumpHeapRequest.newBuilder().setPath(path).build())
        .getSizeBytes();
  }

  private static RunPodSandboxRequest pod() {
    NamespaceOption ofNode =
        NamespaceOption.newBuilder()
            .setNetwork(NamespaceMode.NODE)
            .setPid(NamespaceMode.CONTAINER)
            .build();
    PodSandboxConfig.Builder config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName("web").setUid("u").setNamespace("n"))
            .putAnnotations("note", "planted-annotation")
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(ofNode)));
    return RunPodSandboxRequest.newBuilder().setConfig(config).build();
  }

  private static CreateContainerRequest container(String pod) {
    return CreateContainerRequest.newBuilder()
        .setPodSandboxId(pod)
        .setConfig(
            ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                .setImage(ImageSpec.newBuilder().setImage("example.com/absent:1"))
                .addEnvs(
                    KeyValue.newBuilder()
                        .setKey("KEY")
                        .setValue(ByteString.copyFromUtf8("planted-environment"))))
        .build();
  }

  /** The image has no files: what it runs is the node's. */
  private static CreateContainerRequest ofNodesPrograms(String pod, ImageSpec image) {
    ContainerConfig.Builder config =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName("main"))
            .setImage(image)
            .addCommand("/usr/bin/true");
    for (String path : List.of("/usr", "/lib", "/lib64")) {
      config.addMounts(
          Mount.newBuilder().setHostPath(path).setContainerPath(path).setReadonly(true));
    }
    return CreateContainerRequest.newBuilder().setPodSandboxId(pod).setConfig(config).build();
  }

  /** From where nobody listens. */
  private static PullImageRequest pull() {
    return PullImageRequest.newBuilder()
        .setImage(ImageSpec.newBuilder().setImage("127.0.0.1:1/some/image:1"))
        .setAuth(
            AuthConfig.newBuilder()
                .setUsername("somebody")
                .setPassword("planted-password")
                .setRegistryToken("planted-token"))
        .build();
  }

  private static RemovePodSandboxRequest removal(String pod) {
    return RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build();
  }
}
