package io.crij.server.streaming;

import io.crij.server.streaming.command.CommandSessions.Disconnect;
import io.crij.server.tls.TlsSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the streaming server.
 *
 * @param address where it listens: an IP address
 * @param port 0: one that is free
 * @param idleTimeout a connection on which nothing moves for so long is closed; zero: never
 * @param disconnect what becomes of processes whose client is gone
 * @param tls null: without
 */
public record StreamingConfig(
    String address,
    int port,
    Duration idleTimeout,
    Disconnect disconnect,
    @Nullable TlsSettings tls) {}
