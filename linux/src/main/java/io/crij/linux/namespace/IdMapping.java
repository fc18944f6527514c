package io.crij.linux.namespace;

/**
 * The ids of a user namespace, from 0 on (user_namespaces(7)).
 *
 * @param hostId which id of the host is 0 inside
 * @param length how many ids there are
 */
public record IdMapping(long hostId, long length) {
  private static final long OVERFLOW = 65534;

  /** The host's id of an id inside; one that is not mapped is the host's overflow id. */
  public long host(long id) {
    return id < length ? hostId + id : OVERFLOW;
  }

  /** A line of uid_map or gid_map. */
  String line() {
    return "0 " + hostId + " " + length + "\n";
  }
}
