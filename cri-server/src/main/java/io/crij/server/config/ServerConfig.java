package io.crij.server.config;

import io.crij.image.ImageServiceConfig;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.server.config.telemetry.LogSettings;
import io.crij.server.config.telemetry.MetricsConfig;
import io.crij.server.config.telemetry.TracingConfig;
import io.crij.server.streaming.StreamingConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * The configuration of one instance, whole and valid.
 *
 * @param socket where and how the CRI is served
 * @param log of what crijd writes to stderr
 * @param images settings of the image service
 * @param runtime settings of the runtime service
 * @param metrics who may read what crijd measures
 * @param tracing where spans are sent
 * @param streaming settings of the streaming server
 */
public record ServerConfig(
    CriSocket socket,
    LogSettings log,
    ImageServiceConfig images,
    RuntimeServiceConfig runtime,
    MetricsConfig metrics,
    TracingConfig tracing,
    StreamingConfig streaming) {

  /**
   * Reads the configuration: flags over environment over drop-ins over file.
   *
   * @param home the folder that holds {@code bin/conmon-j}
   * @throws ConfigException for the first thing that is wrong
   */
  public static ServerConfig load(
      CommandLine.Run commandLine, Map<String, String> environment, Path home) {
    return LoadedConfig.read(commandLine, environment, home).config();
  }

  /** Where the CRI is served. */
  public Path listen() {
    return socket.path();
  }

  /** For what survives a reboot. */
  public Path root() {
    return runtime.root();
  }

  /** For what does not. */
  public Path runroot() {
    return runtime.runroot();
  }

  /** For images; the same as {@link #root} unless they have a place of their own. */
  public Path imageStore() {
    return images.store().folder();
  }

  /** The socket for people at the node: CRI and AdminService. */
  public Path adminSocket() {
    return adminSocket(runroot());
  }

  static Path adminSocket(Path runroot) {
    return runroot.resolve("admin.sock");
  }
}
