package io.crij.server.rpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A reply of several messages at the caller's pace: who gives the next one waits until the caller
 * has taken those before, but for what the connection buffers (gRPC: 32 KiB).
 */
final class PacedReply<A> implements Consumer<A> {
  private static final Status LEFT = Status.CANCELLED.withDescription("the caller has left");

  private final ServerCallStreamObserver<A> reply;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** To be made before the call's handler returns: later, gRPC takes no listener. */
  PacedReply(ServerCallStreamObserver<A> reply) {
    this.reply = reply;
    reply.setOnReadyHandler(this::wake);
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives one message, once the caller is ready for it.
   *
   * @throws io.grpc.StatusRuntimeException CANCELLED when the caller has left, which interrupts
   *     this thread
   */
  @Override
  public void accept(A message) {
    awaitReadiness();
    reply.onNext(message);
  }

  private void awaitReadiness() {
    lock.lock();
    try {
      while (!reply.isReady() && !reply.isCancelled()) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw LEFT.asRuntimeException();
    } finally {
      lock.unlock();
    }
    if (reply.isCancelled()) {
      throw LEFT.asRuntimeException();
    }
  }

  void complete() {
    reply.onCompleted();
  }

  void fail(Status status) {
    reply.onError((reply.isCancelled() ? LEFT : status).asRuntimeException());
  }
}
