package io.crij.server.streaming.command;

import io.crij.monitor.v1.TerminalSize;
import io.crij.runtime.ServiceException;

/** What the streams of a client are to be connected with. */
interface Command {
  /** As in "executing command in container", for the error. */
  String words();

  /** Whether it is on a terminal, where input and output are one. */
  boolean isOnTerminal();

  /**
   * Begins; may take its time.
   *
   * @param size of the client's terminal, as far as it is known
   */
  ProcessStreams start(TerminalSize size) throws ServiceException;
}
