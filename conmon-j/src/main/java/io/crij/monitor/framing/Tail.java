package io.crij.monitor.framing;

/** What becomes of text at the end of a chunk that no newline ends. */
public enum Tail {
  /** It stays for the next chunk. */
  KEEP,
  /** It is logged as a part of a line. */
  PARTIAL,
  /** It is logged as a line of its own, because nothing will follow. */
  FINAL
}
