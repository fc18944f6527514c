package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.linux.io.FramePart;
import io.crij.monitor.exec.ExecSync;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.v1.Failure;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.Reply;
import java.util.List;

/** The one reply to a request. */
final class Answer implements ExecSync.Outcome {
  private final long requestId;
  private final ClientConnection client;
  private final Runnable onAnswer;
  private boolean settled;

  /**
   * @param onAnswer runs once, when it was given, or can be by another program
   */
  Answer(long requestId, ClientConnection client, Runnable onAnswer) {
    this.requestId = requestId;
    this.client = client;
    this.onAnswer = onAnswer;
  }

  /** To a request that nothing waits for here. */
  Answer(long requestId, ClientConnection client) {
    this(requestId, client, () -> {});
  }

  void with(Reply.Builder result) {
    Reply reply = result.setId(requestId).build();
    client.send(FromMonitor.newBuilder().setReply(reply).build());
    settle();
  }

  /** With descriptors, which are closed once they are sent. */
  void with(Reply.Builder result, List<Fd> descriptors) {
    Reply reply = result.setId(requestId).build();
    client.send(
        FromMonitor.newBuilder().setReply(reply).build(),
        descriptors,
        () -> descriptors.forEach(Fd::close));
    settle();
  }

  private void settle() {
    if (!settled) {
      settled = true;
      onAnswer.run();
    }
  }

  @Override
  public void started() {
    settle();
  }

  @Override
  public int connection() {
    return client.number();
  }

  /** Who has asked. */
  ClientConnection client() {
    return client;
  }

  void failure(FailureCode code, String message) {
    failure(Failure.newBuilder().setCode(code).setMessage(message).build());
  }

  private void failure(Failure failure) {
    with(Reply.newBuilder().setFailure(failure));
  }

  @Override
  public void ended(List<FramePart> replyFrame) {
    client.send(replyFrame, List.of(), () -> {});
    settle();
  }

  @Override
  public void timedOut() {
    failure(FailureCode.FAILURE_CODE_TIMED_OUT, "the time limit has passed; all was killed");
  }

  @Override
  public void failed(OciRuntimeFailure e) {
    FailureCode code =
        e.isTimedOut() ? FailureCode.FAILURE_CODE_TIMED_OUT : FailureCode.FAILURE_CODE_RUNTIME;
    failure(
        Failure.newBuilder()
            .setCode(code)
            .setMessage(String.valueOf(e.getMessage()))
            .setRuntimeMessage(e.runtimeMessage())
            .build());
  }

  @Override
  public void failed(RuntimeException e) {
    StderrLog.failure("request failed", e);
    failure(FailureCode.FAILURE_CODE_INTERNAL, String.valueOf(e.getMessage()));
  }
}
