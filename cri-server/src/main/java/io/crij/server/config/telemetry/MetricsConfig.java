package io.crij.server.config.telemetry;

import io.crij.server.tls.TlsSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether and where metrics are served.
 *
 * @param address null for not by TCP
 * @param tls of what comes by TCP; null: without
 * @param socket null for not on a unix socket
 * @param chosen names of those that are served; null for all
 */
public record MetricsConfig(
    boolean isEnabled,
    @Nullable InetSocketAddress address,
    @Nullable TlsSettings tls,
    @Nullable Path socket,
    @Nullable Set<String> chosen) {}
