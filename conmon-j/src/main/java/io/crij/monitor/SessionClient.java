package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.monitor.exec.Exec;
import io.crij.monitor.exec.Sessions;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.v1.ExecReply;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.SessionEnded;
import java.util.List;

/** The connection on which a session was asked for, and what it is told of it. */
final class SessionClient implements Exec.Outcome {
  private final String sessionId;
  private final Answer answer;
  private final Sessions sessions;
  private final Runnable gone = this::gone;
  private boolean ended;

  SessionClient(String sessionId, Answer answer, Sessions sessions) {
    this.sessionId = sessionId;
    this.answer = answer;
    this.sessions = sessions;
  }

  @Override
  public void owns() {
    if (!ended) {
      answer.client().onClose(gone);
    }
  }

  @Override
  public int connection() {
    return answer.client().number();
  }

  private void gone() {
    sessions.ownerGone(sessionId, this);
  }

  @Override
  public void started(int pid, List<FdKind> kinds, List<Fd> descriptors) {
    ExecReply.Builder reply = ExecReply.newBuilder().setPid(pid).addAllFds(kinds);
    answer.with(Reply.newBuilder().setExec(reply), descriptors);
  }

  @Override
  public void ended(SessionEnded end) {
    ended = true;
    answer.client().notOnClose(gone);
    answer.client().send(FromMonitor.newBuilder().setSessionEnded(end).build());
  }

  @Override
  public void failed(OciRuntimeFailure failure) {
    answer.failed(failure);
  }

  @Override
  public void failed(RuntimeException failure) {
    answer.failed(failure);
  }
}
