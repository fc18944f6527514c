package io.crij.image.registry.transport;

import io.crij.image.registry.tls.TlsContexts;

/**
 * How this node reaches hosts.
 *
 * @param timing how patient it is
 * @param proxies by which it asks
 * @param tls whom it trusts; remembers what it read, so one is to be kept for long
 */
public record Network(Timing timing, Proxies proxies, TlsContexts tls) {}
