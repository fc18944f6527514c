package io.crij.server.streaming.command;

import io.crij.cri.v1.ExecRequest;
import io.crij.linux.Fd;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.TerminalSize;
import io.crij.runtime.container.Exec;
import io.crij.runtime.monitor.MonitorFailure;
import io.crij.runtime.monitor.MonitorSession;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command that a client has executed in a container. */
final class ExecCommand implements Command {
  private static final Logger log = LoggerFactory.getLogger(ExecCommand.class);
  private static final String MONITOR_LOST = "MonitorLost";

  private final Exec exec;
  private final ExecRequest request;
  private final Duration grace;

  /**
   * @param grace between SIGHUP and SIGKILL when the client is gone
   */
  ExecCommand(Exec exec, ExecRequest request, Duration grace) {
    this.exec = exec;
    this.request = request;
    this.grace = grace;
  }

  @Override
  public String words() {
    return "executing command in container";
  }

  @Override
  public boolean isOnTerminal() {
    return request.getTty();
  }

  @Override
  public ProcessStreams start(TerminalSize size) {
    return new Executed(exec.run(request, size, grace));
  }

  private record Executed(MonitorSession session) implements ProcessStreams {
    private @Nullable Fd orTerminal(FdKind kind) {
      Fd terminal = session.find(FdKind.FD_KIND_TTY);
      return terminal == null ? session.find(kind) : terminal;
    }

    @Override
    public @Nullable Fd stdin() {
      return orTerminal(FdKind.FD_KIND_STDIN);
    }

    @Override
    public @Nullable Fd stdout() {
      return orTerminal(FdKind.FD_KIND_STDOUT);
    }

    @Override
    public @Nullable Fd stderr() {
      return session.find(FdKind.FD_KIND_STDERR);
    }

    @Override
    public CompletableFuture<Outcome> end() {
      return session
          .end()
          .thenApply(end ->
              end.getReason().equals(MONITOR_LOST)
                  ? new Outcome.Failure("the monitor was lost, and with it the exit code")
                  : Outcome.ofExitCode(end.getExitCode()));
    }

    @Override
    public void resize(int rows, int columns) {
      session.resize(rows, columns);
    }

    @Override
    public void closeStdin() {
      Fd stdin = session.find(FdKind.FD_KIND_STDIN);
      if (stdin != null) {
        stdin.close();
      }
    }

    @Override
    public void close() {
      try {
        session.close();
      } catch (MonitorFailure e) {
        log.warn("session {} is not hung up: {}", session.id(), e.getMessage());
      }
    }
  }
}
