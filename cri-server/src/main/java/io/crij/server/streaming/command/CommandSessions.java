package io.crij.server.streaming.command;

import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.ExecRequest;
import io.crij.runtime.container.Attach;
import io.crij.runtime.container.Exec;
import io.crij.server.streaming.client.CommandStreams;
import java.time.Duration;
import java.util.function.Consumer;

/** What clients of exec and attach are connected with. */
public final class CommandSessions {
  private final Exec exec;
  private final Attach attach;
  private final Disconnect disconnect;

  /**
   * What becomes of an executed process whose client is gone.
   *
   * @param keep it goes on; else it is hung up
   * @param grace between SIGHUP and SIGKILL
   */
  public record Disconnect(boolean keep, Duration grace) {}

  public CommandSessions(Exec exec, Attach attach, Disconnect disconnect) {
    this.exec = exec;
    this.attach = attach;
    this.disconnect = disconnect;
  }

  /** Executes a command for a client as soon as it has its streams. */
  public Consumer<CommandStreams> exec(ExecRequest request) {
    return streams ->
        new CommandSession(
                streams, new ExecCommand(exec, request, disconnect.grace()), disconnect.keep())
            .start();
  }

  /** Attaches a client as soon as it has its streams. */
  public Consumer<CommandStreams> attach(AttachRequest request) {
    return streams ->
        new CommandSession(streams, new AttachCommand(attach, request), false).start();
  }
}
