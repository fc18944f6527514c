package io.crij.runtime.monitor;

import io.crij.linux.Fd;
import io.crij.monitor.v1.Detached;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.ResumeSessionRequest;
import io.crij.monitor.v1.SessionEnded;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sessions and attachments that are open, so that what the monitor tells of them is heard. */
final class OpenStreams {
  private static final Logger log = LoggerFactory.getLogger(OpenStreams.class);
  private static final Duration RESUME_CALL = Duration.ofSeconds(30);

  private final Map<String, MonitorSession> sessions = new ConcurrentHashMap<>();
  private final Map<String, MonitorAttachment> attachments = new ConcurrentHashMap<>();

  void add(MonitorSession session) {
    sessions.put(session.id(), session);
  }

  void add(MonitorAttachment attachment) {
    attachments.put(attachment.id(), attachment);
  }

  void remove(MonitorSession session) {
    sessions.remove(session.id());
  }

  void remove(MonitorAttachment attachment) {
    attachments.remove(attachment.id());
  }

  void ended(SessionEnded end) {
    MonitorSession session = sessions.remove(end.getSessionId());
    if (session != null) {
      session.ended(end);
    }
  }

  void detached(Detached detached) {
    MonitorAttachment attachment = attachments.remove(detached.getAttachmentId());
    if (attachment != null) {
      attachment.ended(detached.getReason());
    }
  }

  /** There is a new connection: sessions go on with it, attachments have ended with the last. */
  void connected(MonitorConnection connection)
      throws ConnectionLost, TimeoutException, InterruptedException {
    for (MonitorAttachment attachment : List.copyOf(attachments.values())) {
      attachments.remove(attachment.id());
      attachment.lost();
    }
    upgraded(connection);
  }

  /**
   * The connection goes on with another program: so do attachments, and sessions once asked for.
   */
  void upgraded(MonitorConnection connection)
      throws ConnectionLost, TimeoutException, InterruptedException {
    for (MonitorSession session : List.copyOf(sessions.values())) {
      if (session.isStarted()) {
        resume(connection, session);
      }
    }
  }

  private void resume(MonitorConnection connection, MonitorSession session)
      throws ConnectionLost, TimeoutException, InterruptedException {
    ResumeSessionRequest.Builder resume =
        ResumeSessionRequest.newBuilder().setSessionId(session.id());
    Fd terminal = session.find(FdKind.FD_KIND_TTY);
    if (terminal != null) {
      resume.addFds(FdKind.FD_KIND_TTY);
    }
    try {
      connection.call(
          Request.newBuilder().setResumeSession(resume),
          terminal == null ? List.of() : List.of(terminal),
          RESUME_CALL);
    } catch (MonitorFailure e) {
      if (e.code() != FailureCode.FAILURE_CODE_NOT_FOUND) {
        log.error("session {} cannot be resumed: {}", session.id(), e.getMessage());
      }
      ended(MonitorSession.lost(session.id()));
    } catch (IllegalStateException e) {
      // Closed by its user meanwhile.
      log.debug("session {} is not resumed: {}", session.id(), e.getMessage());
    }
  }

  /** No connection will follow. */
  void close() {
    List.copyOf(sessions.keySet()).forEach(id -> ended(MonitorSession.lost(id)));
    List.copyOf(attachments.values()).forEach(MonitorAttachment::lost);
    attachments.clear();
  }
}
