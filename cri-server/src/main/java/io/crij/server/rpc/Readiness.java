package io.crij.server.rpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import jakarta.inject.Singleton;

/** Lets calls pass once the services have recovered; before, they are UNAVAILABLE. */
@Singleton
public final class Readiness implements ServerInterceptor {
  private volatile boolean ready;

  /** From now on calls pass. */
  public void ready() {
    ready = true;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (ready) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.UNAVAILABLE.withDescription("crijd is starting and has not recovered yet"),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
