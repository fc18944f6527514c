package io.crij.runtime.monitor;

import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.CloseStdinRequest;
import io.crij.monitor.v1.DetachRequest;
import io.crij.monitor.v1.EndSessionRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.ResizeRequest;
import io.crij.monitor.v1.TerminalSize;
import io.crij.runtime.names.Ids;
import java.time.Duration;

/**
 * Calls of the monitor that bring streams of a container to the caller, or concern such streams.
 */
public final class MonitorStreams {
  private static final Duration START_CALL = Duration.ofSeconds(250);
  private static final Duration SHORT_CALL = Duration.ofSeconds(30);

  private final Monitor monitor;
  private final OpenStreams open;

  MonitorStreams(Monitor monitor, OpenStreams open) {
    this.monitor = monitor;
    this.open = open;
  }

  /**
   * Starts a process in a container, with streams to be moved by the caller. Not repeated: if the
   * monitor dies meanwhile, its successor ends what was begun.
   *
   * @param request without the session's id
   */
  public MonitorSession exec(ExecRequest request) throws MonitorFailure {
    MonitorSession session = new MonitorSession(Ids.random(), this);
    open.add(session);
    boolean started = false;
    try {
      MonitorConnection.Answer answer =
          monitor.onceForDescriptors(
              Request.newBuilder().setExec(request.toBuilder().setSessionId(session.id())),
              START_CALL);
      session.started(answer.reply().getExec().getFdsList(), answer.descriptors());
      started = true;
      return session;
    } finally {
      if (!started) {
        open.remove(session);
      }
    }
  }

  void endSession(String sessionId, boolean atOnce) throws MonitorFailure {
    monitor.repeated(
        Request.newBuilder()
            .setEndSession(
                EndSessionRequest.newBuilder().setSessionId(sessionId).setAtOnce(atOnce)));
  }

  /**
   * Connects the caller with streams of a container.
   *
   * @param request without the attachment's id
   */
  public MonitorAttachment attach(AttachRequest request) throws MonitorFailure {
    MonitorAttachment attachment =
        new MonitorAttachment(Ids.random(), request.getContainerId(), this);
    open.add(attachment);
    boolean attached = false;
    try {
      MonitorConnection.Answer answer =
          monitor.onceForDescriptors(
              Request.newBuilder().setAttach(request.toBuilder().setAttachmentId(attachment.id())),
              SHORT_CALL);
      attachment.started(answer.reply().getAttach().getFdsList(), answer.descriptors());
      attached = true;
      return attachment;
    } finally {
      if (!attached) {
        open.remove(attachment);
      }
    }
  }

  void detach(MonitorAttachment attachment) throws MonitorFailure {
    open.remove(attachment);
    monitor.repeated(
        Request.newBuilder()
            .setDetach(DetachRequest.newBuilder().setAttachmentId(attachment.id())));
  }

  void closeStdin(String containerId) throws MonitorFailure {
    try {
      monitor.repeated(
          Request.newBuilder()
              .setCloseStdin(CloseStdinRequest.newBuilder().setContainerId(containerId)));
    } catch (MonitorFailure e) {
      if (e.code() != FailureCode.FAILURE_CODE_NOT_FOUND) {
        throw e;
      }
    }
  }

  /** Sets the size of a container's terminal, in characters. */
  public void resize(String containerId, int rows, int columns) throws MonitorFailure {
    TerminalSize.Builder size = TerminalSize.newBuilder().setRows(rows).setColumns(columns);
    monitor.repeated(
        Request.newBuilder()
            .setResize(ResizeRequest.newBuilder().setContainerId(containerId).setSize(size)));
  }
}
