package io.crij.server.streaming.command;

import io.crij.cri.v1.AttachRequest;
import io.crij.linux.Fd;
import io.crij.monitor.v1.DetachReason;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.TerminalSize;
import io.crij.runtime.container.Attach;
import io.crij.runtime.monitor.MonitorAttachment;
import io.crij.runtime.monitor.MonitorFailure;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client's attachment to a container's own process. */
final class AttachCommand implements Command {
  private static final Logger log = LoggerFactory.getLogger(AttachCommand.class);

  private final Attach attach;
  private final AttachRequest request;

  AttachCommand(Attach attach, AttachRequest request) {
    this.attach = attach;
    this.request = request;
  }

  @Override
  public String words() {
    return "attaching to container";
  }

  @Override
  public boolean isOnTerminal() {
    return request.getTty();
  }

  @Override
  public ProcessStreams start(TerminalSize size) {
    Attached attached = new Attached(attach, request.getContainerId(), attach.run(request));
    if (request.getTty() && size.getRows() > 0) {
      attached.resize(size.getRows(), size.getColumns());
    }
    return attached;
  }

  private record Attached(Attach attach, String containerId, MonitorAttachment attachment)
      implements ProcessStreams {
    @Override
    public @Nullable Fd stdin() {
      Fd terminal = attachment.find(FdKind.FD_KIND_TTY);
      return terminal == null ? attachment.find(FdKind.FD_KIND_STDIN) : terminal;
    }

    @Override
    public @Nullable Fd stdout() {
      return attachment.find(FdKind.FD_KIND_STDOUT);
    }

    @Override
    public @Nullable Fd stderr() {
      return attachment.find(FdKind.FD_KIND_STDERR);
    }

    @Override
    public CompletableFuture<Outcome> end() {
      return attachment.end().thenApply(Attached::outcome);
    }

    private static Outcome outcome(DetachReason reason) {
      return switch (reason) {
        case DETACH_REASON_ENDED, DETACH_REASON_LEFT -> new Outcome.Success();
        case DETACH_REASON_TOO_SLOW ->
            new Outcome.Failure(
                "error attaching to container: 1 MiB of its output was not taken in time");
        case DETACH_REASON_UNSPECIFIED, UNRECOGNIZED ->
            new Outcome.Failure(
                "error attaching to container: the monitor was started anew; attach again");
      };
    }

    @Override
    public void resize(int rows, int columns) {
      attach.resize(containerId, rows, columns);
    }

    @Override
    public void closeStdin() {
      try {
        attachment.closeStdin();
      } catch (MonitorFailure e) {
        log.warn("stdin of container {} is not closed: {}", containerId, e.getMessage());
      }
    }

    @Override
    public void close() {
      try {
        attachment.close();
      } catch (MonitorFailure e) {
        log.warn("client of container {} is not detached: {}", containerId, e.getMessage());
      }
    }
  }
}
