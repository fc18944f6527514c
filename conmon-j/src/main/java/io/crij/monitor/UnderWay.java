package io.crij.monitor;

import io.crij.monitor.container.Attachments;
import io.crij.monitor.exec.ExecParts;
import io.crij.monitor.exec.ExecSync;
import io.crij.monitor.exec.Sessions;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandedAttachment;
import io.crij.monitor.v1.HandedExecSync;
import io.crij.monitor.v1.HandedSession;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What belongs to connections and lasts longer than a request: it goes on in the next program. */
record UnderWay(ExecParts execs, Sessions sessions, ExecSync execSync, Attachments attachments) {
  /** Whether no part of it is at something that only this program can end. */
  boolean isAtRest() {
    return execs.isAtRest();
  }

  void handOver(HandOver.Builder handOver) {
    handOver.addAllSessions(sessions.handOver());
    handOver.addAllExecSyncs(execSync.handOver());
    handOver.addAllAttachments(attachments.handOver());
  }

  /**
   * Goes on with what the program before has handed over, and with what any monitor has left on
   * disk.
   *
   * @param clients by their numbers
   */
  void takeOver(@Nullable HandOver before, Map<Integer, ClientConnection> clients) {
    Set<String> known = new HashSet<>();
    if (before != null) {
      for (HandedSession session : before.getSessionsList()) {
        known.add(session.getRecord().getName());
        sessions.resume(session, owner(session, clients.get(session.getClient())));
      }
      for (HandedExecSync exec : before.getExecSyncsList()) {
        known.add(exec.getRecord().getName());
        resume(exec, clients.get(exec.getClient()));
      }
      for (HandedAttachment attachment : before.getAttachmentsList()) {
        resume(attachment, clients.get(attachment.getClient()));
      }
    }
    sessions.takeOver(known);
  }

  private @Nullable SessionClient owner(HandedSession session, @Nullable ClientConnection client) {
    return client == null
        ? null
        : new SessionClient(session.getRecord().getName(), new Answer(0, client), sessions);
  }

  private void resume(HandedExecSync exec, @Nullable ClientConnection client) {
    if (client != null) {
      execSync.resume(exec, new Answer(exec.getRequestId(), client));
    }
  }

  private void resume(HandedAttachment attachment, @Nullable ClientConnection client) {
    if (client != null) {
      attachments.resume(
          attachment, new AttachedClient(attachment.getAttachmentId(), client, attachments));
    }
  }
}
