package io.crij.monitor.forward;

import io.crij.linux.inet.InetSocket;
import io.crij.linux.inet.Transport;
import io.crij.monitor.v1.ForwardedPort;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * From where to where.
 *
 * @param address of the node
 * @param optional whether the others of the name do without it
 */
record Route(
    Transport transport,
    InetAddress address,
    int port,
    InetAddress target,
    int targetPort,
    boolean optional) {
  private static final int MAX_PORT = 65535;

  /**
   * @throws IllegalArgumentException when it is none
   */
  static Route of(ForwardedPort port) {
    return new Route(
        transport(port.getTransport()),
        address(port.getAddress().toByteArray()),
        number(port.getPort()),
        address(port.getTargetAddress().toByteArray()),
        number(port.getTargetPort()),
        port.getOptional());
  }

  private static Transport transport(io.crij.monitor.v1.Transport transport) {
    return switch (transport) {
      case TRANSPORT_TCP -> Transport.TCP;
      case TRANSPORT_UDP -> Transport.UDP;
      case TRANSPORT_SCTP -> Transport.SCTP;
      case UNRECOGNIZED -> throw new IllegalArgumentException("not a transport we know");
    };
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
    }
  }

  private static int number(int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("not a port: " + Integer.toUnsignedString(port));
    }
    return port;
  }

  /** Takes the port. */
  InetSocket listen() {
    return InetSocket.listen(transport, address, port);
  }

  /** Begins to connect to the target. */
  InetSocket connect() {
    return InetSocket.connect(transport, target, targetPort);
  }
}
