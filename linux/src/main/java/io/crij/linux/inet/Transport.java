package io.crij.linux.inet;

/** The protocols that have ports. */
public enum Transport {
  TCP(1, 6),
  UDP(2, 17),
  /** As a stream (RFC 6458, section 4): where messages begin is not kept. */
  SCTP(1, 132);

  final int socketType;
  final int protocol;

  Transport(int socketType, int protocol) {
    this.socketType = socketType;
    this.protocol = protocol;
  }

  /** Whether there are connections. */
  public boolean isStream() {
    return this != UDP;
  }
}
