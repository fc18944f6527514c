package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.monitor.container.Attachments;
import io.crij.monitor.container.Container;
import io.crij.monitor.container.Containers;
import io.crij.monitor.container.HeldDescriptors;
import io.crij.monitor.exec.Exec;
import io.crij.monitor.exec.Sessions;
import io.crij.monitor.v1.AttachReply;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.CloseStdinReply;
import io.crij.monitor.v1.CloseStdinRequest;
import io.crij.monitor.v1.DetachReply;
import io.crij.monitor.v1.DetachRequest;
import io.crij.monitor.v1.EndSessionReply;
import io.crij.monitor.v1.EndSessionRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.ResizeReply;
import io.crij.monitor.v1.ResizeRequest;
import io.crij.monitor.v1.ResumeSessionReply;
import io.crij.monitor.v1.ResumeSessionRequest;
import io.crij.monitor.v1.TerminalSize;
import org.jspecify.annotations.Nullable;

/** What clients ask for that want to see and to write streams; on the loop's thread. */
record StreamRequests(
    Containers containers, Attachments attachments, Exec exec, Sessions sessions) {

  void exec(ExecRequest request, Answer answer) {
    Requests.requireId(request.getSessionId());
    Container container = living(request.getContainerId(), answer);
    if (container == null) {
      return;
    }
    SessionClient client = new SessionClient(request.getSessionId(), answer, sessions);
    if (!exec.exec(container.record(), request, client)) {
      answer.failure(
          FailureCode.FAILURE_CODE_ALREADY_EXISTS, "session " + request.getSessionId() + " exists");
    }
  }

  private @Nullable Container living(String id, Answer answer) {
    Container container = containers.find(id);
    if (container == null) {
      answer.failure(FailureCode.FAILURE_CODE_NOT_FOUND, Requests.unknown(id));
    } else if (container.exited() != null) {
      answer.failure(FailureCode.FAILURE_CODE_EXITED, "container " + id + " has ended");
      return null;
    }
    return container;
  }

  void resize(ResizeRequest request, Answer answer) {
    TerminalSize size = request.getSize();
    if (request.hasSessionId()) {
      if (!sessions.resize(request.getSessionId(), size.getRows(), size.getColumns())) {
        answer.failure(FailureCode.FAILURE_CODE_NOT_FOUND, noSession(request.getSessionId()));
        return;
      }
    } else {
      Container container = living(request.getContainerId(), answer);
      if (container == null) {
        return;
      }
      container.resize(size.getRows(), size.getColumns());
    }
    answer.with(Reply.newBuilder().setResize(ResizeReply.getDefaultInstance()));
  }

  void endSession(EndSessionRequest request, Answer answer) {
    sessions.end(request.getSessionId(), request.getAtOnce());
    answer.with(Reply.newBuilder().setEndSession(EndSessionReply.getDefaultInstance()));
  }

  void resumeSession(ResumeSessionRequest request, HeldDescriptors held, Answer answer) {
    String id = request.getSessionId();
    if (!sessions.contains(id)) {
      answer.failure(FailureCode.FAILURE_CODE_NOT_FOUND, noSession(id));
      return;
    }
    answer.with(Reply.newBuilder().setResumeSession(ResumeSessionReply.getDefaultInstance()));
    SessionClient client = new SessionClient(id, answer, sessions);
    Fd master = held.take(FdKind.FD_KIND_TTY);
    sessions.resume(id, client, master);
    client.owns();
  }

  private static String noSession(String id) {
    return "no session " + id;
  }

  void attach(AttachRequest request, Answer answer) {
    String id = request.getAttachmentId();
    Requests.requireId(id);
    Container container = living(request.getContainerId(), answer);
    if (container == null) {
      return;
    }
    if (attachments.contains(id)) {
      answer.failure(FailureCode.FAILURE_CODE_ALREADY_EXISTS, "attachment " + id + " exists");
      return;
    }
    AttachedClient client = new AttachedClient(id, answer.client(), attachments);
    Attachments.Streams streams = attachments.attach(container, request, client);
    AttachReply.Builder reply = AttachReply.newBuilder().addAllFds(streams.kinds());
    answer.with(Reply.newBuilder().setAttach(reply), streams.descriptors());
    client.owns();
  }

  void detach(DetachRequest request, Answer answer) {
    attachments.detach(request.getAttachmentId());
    answer.with(Reply.newBuilder().setDetach(DetachReply.getDefaultInstance()));
  }

  void closeStdin(CloseStdinRequest request, Answer answer) {
    Container container = containers.find(request.getContainerId());
    if (container == null) {
      answer.failure(
          FailureCode.FAILURE_CODE_NOT_FOUND, Requests.unknown(request.getContainerId()));
      return;
    }
    containers.closeStdin(container);
    answer.with(Reply.newBuilder().setCloseStdin(CloseStdinReply.getDefaultInstance()));
  }
}
