package io.crij.monitor;

import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.monitor.forward.Forwards;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.ForwardReply;
import io.crij.monitor.v1.ForwardRequest;
import io.crij.monitor.v1.ListForwardsReply;
import io.crij.monitor.v1.Reply;

/** What clients ask for about ports of the node, on the loop's thread. */
record ForwardRequests(Forwards forwards) {
  void forward(ForwardRequest request, Answer answer) {
    Requests.requireId(request.getName());
    forwards.replace(
        request,
        leftOut ->
            answer.with(
                Reply.newBuilder().setForward(ForwardReply.newBuilder().addAllLeftOut(leftOut))),
        failure -> answer.failure(code(failure), String.valueOf(failure.getMessage())));
  }

  private static FailureCode code(LinuxException failure) {
    return failure.errno() == Errno.EADDRINUSE
        ? FailureCode.FAILURE_CODE_ALREADY_EXISTS
        : FailureCode.FAILURE_CODE_INTERNAL;
  }

  void list(Answer answer) {
    forwards.names(names ->
        answer.with(
            Reply.newBuilder().setListForwards(ListForwardsReply.newBuilder().addAllNames(names))));
  }
}
