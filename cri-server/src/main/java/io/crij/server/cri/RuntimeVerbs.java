package io.crij.server.cri;

import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.cri.v1.StreamContainerStatsResponse;
import io.crij.cri.v1.StreamContainersResponse;
import io.crij.cri.v1.StreamPodSandboxMetricsResponse;
import io.crij.cri.v1.StreamPodSandboxStatsResponse;
import io.crij.cri.v1.StreamPodSandboxesResponse;
import io.crij.runtime.service.RuntimeService;
import io.crij.server.config.ServerConfig;
import io.crij.server.rpc.Verbs;
import io.crij.server.streaming.StreamingServer;
import io.grpc.ServerServiceDefinition;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;

/** {@code runtime.v1.RuntimeService}. */
@Singleton
public final class RuntimeVerbs {
  private final Provider<RuntimeService> runtime;
  private final Provider<StreamingServer> streaming;
  private final int mostReplyBytes;

  /**
   * @param runtime opened after the sockets; calls pass only then
   * @param streaming started after the runtime
   */
  RuntimeVerbs(
      Provider<RuntimeService> runtime, Provider<StreamingServer> streaming, ServerConfig config) {
    this.runtime = runtime;
    this.streaming = streaming;
    this.mostReplyBytes = config.socket().mostReplyBytes();
  }

  /** The service for a gRPC server. */
  public ServerServiceDefinition bind() {
    Verbs verbs = new Verbs(RuntimeServiceGrpc.getServiceDescriptor(), mostReplyBytes);
    addNode(verbs);
    addPods(verbs);
    addContainers(verbs);
    addStreams(verbs);
    addStats(verbs);
    addItems(verbs);
    verbs.onOpened(
        RuntimeServiceGrpc.getGetContainerEventsMethod(),
        _ -> runtime.get().containerEvents()::giveTo);
    return verbs.bind();
  }

  private void addNode(Verbs verbs) {
    verbs
        .atOnce(RuntimeServiceGrpc.getVersionMethod(), new Version()::version)
        .on(RuntimeServiceGrpc.getStatusMethod(), request -> runtime.get().status(request))
        .on(
            RuntimeServiceGrpc.getRuntimeConfigMethod(),
            request -> runtime.get().runtimeConfig(request))
        .on(
            RuntimeServiceGrpc.getUpdateRuntimeConfigMethod(),
            request -> runtime.get().updateRuntimeConfig(request));
  }

  private void addPods(Verbs verbs) {
    verbs
        .onUntilDue(
            RuntimeServiceGrpc.getRunPodSandboxMethod(),
            request -> runtime.get().runPodSandbox(request))
        .on(
            RuntimeServiceGrpc.getStopPodSandboxMethod(),
            request -> runtime.get().stopPodSandbox(request))
        .on(
            RuntimeServiceGrpc.getRemovePodSandboxMethod(),
            request -> runtime.get().removePodSandbox(request))
        .on(
            RuntimeServiceGrpc.getUpdatePodSandboxResourcesMethod(),
            request -> runtime.get().updatePodSandboxResources(request))
        .atOnceIf(
            request -> !request.getVerbose(),
            RuntimeServiceGrpc.getPodSandboxStatusMethod(),
            request -> runtime.get().podSandboxStatus(request))
        .atOnce(
            RuntimeServiceGrpc.getListPodSandboxMethod(),
            request -> runtime.get().listPodSandbox(request));
  }

  private void addContainers(Verbs verbs) {
    verbs
        .onUntilDue(
            RuntimeServiceGrpc.getCreateContainerMethod(),
            request -> runtime.get().createContainer(request))
        .on(
            RuntimeServiceGrpc.getStartContainerMethod(),
            request -> runtime.get().startContainer(request))
        .on(
            RuntimeServiceGrpc.getStopContainerMethod(),
            request -> runtime.get().stopContainer(request))
        .on(
            RuntimeServiceGrpc.getRemoveContainerMethod(),
            request -> runtime.get().removeContainer(request))
        .atOnce(
            RuntimeServiceGrpc.getListContainersMethod(),
            request -> runtime.get().listContainers(request))
        .atOnceIf(
            request -> !request.getVerbose(),
            RuntimeServiceGrpc.getContainerStatusMethod(),
            request -> runtime.get().containerStatus(request))
        .on(
            RuntimeServiceGrpc.getUpdateContainerResourcesMethod(),
            request -> runtime.get().updateContainerResources(request))
        .on(RuntimeServiceGrpc.getExecSyncMethod(), request -> runtime.get().execSync(request))
        .on(
            RuntimeServiceGrpc.getReopenContainerLogMethod(),
            request -> runtime.get().reopenContainerLog(request));
  }

  private void addStreams(Verbs verbs) {
    verbs
        .on(RuntimeServiceGrpc.getExecMethod(), request -> streaming.get().exec(request))
        .on(RuntimeServiceGrpc.getAttachMethod(), request -> streaming.get().attach(request))
        .on(
            RuntimeServiceGrpc.getPortForwardMethod(),
            request -> streaming.get().portForward(request));
  }

  private void addStats(Verbs verbs) {
    verbs
        .on(
            RuntimeServiceGrpc.getContainerStatsMethod(),
            request -> runtime.get().containerStats(request))
        .on(
            RuntimeServiceGrpc.getListContainerStatsMethod(),
            request -> runtime.get().listContainerStats(request))
        .on(
            RuntimeServiceGrpc.getPodSandboxStatsMethod(),
            request -> runtime.get().podSandboxStats(request))
        .on(
            RuntimeServiceGrpc.getListPodSandboxStatsMethod(),
            request -> runtime.get().listPodSandboxStats(request))
        .on(
            RuntimeServiceGrpc.getListMetricDescriptorsMethod(),
            request -> runtime.get().listMetricDescriptors(request))
        .on(
            RuntimeServiceGrpc.getListPodSandboxMetricsMethod(),
            request -> runtime.get().listPodSandboxMetrics(request));
  }

  /** The lists of the node once more, in messages of bounded size (KEP-5825). */
  private void addItems(Verbs verbs) {
    verbs
        .onItems(
            RuntimeServiceGrpc.getStreamPodSandboxesMethod(),
            request -> runtime.get().items().podSandboxes(request.getFilter()),
            batch -> StreamPodSandboxesResponse.newBuilder().addAllPodSandboxes(batch).build())
        .onItems(
            RuntimeServiceGrpc.getStreamContainersMethod(),
            request -> runtime.get().items().containers(request.getFilter()),
            batch -> StreamContainersResponse.newBuilder().addAllContainers(batch).build())
        .onItems(
            RuntimeServiceGrpc.getStreamContainerStatsMethod(),
            request -> runtime.get().items().containerStats(request.getFilter()),
            batch -> StreamContainerStatsResponse.newBuilder().addAllContainerStats(batch).build())
        .onItems(
            RuntimeServiceGrpc.getStreamPodSandboxStatsMethod(),
            request -> runtime.get().items().podSandboxStats(request.getFilter()),
            batch ->
                StreamPodSandboxStatsResponse.newBuilder().addAllPodSandboxStats(batch).build())
        .onItems(
            RuntimeServiceGrpc.getStreamPodSandboxMetricsMethod(),
            _ -> runtime.get().items().podSandboxMetrics(),
            batch ->
                StreamPodSandboxMetricsResponse.newBuilder()
                    .addAllPodSandboxMetrics(batch)
                    .build());
  }
}
