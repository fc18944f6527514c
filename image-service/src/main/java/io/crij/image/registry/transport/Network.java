package io.crij.image.registry.transport;

/**
 * How this node reaches hosts.
 *
 * @param timing how patient it is
 * @param proxies by which it asks
 * @param clients by which it asks; they keep connections, so one instance is to be kept for long
 */
public record Network(Timing timing, Proxies proxies, HttpClients clients) {}
