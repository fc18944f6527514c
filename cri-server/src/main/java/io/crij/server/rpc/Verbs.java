package io.crij.server.rpc;

import com.google.protobuf.MessageLite;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The RPCs of one gRPC service and what answers them. An RPC that nothing answers is UNIMPLEMENTED
 * by its name.
 */
public final class Verbs {
  /** Of services whose replies nobody configures. */
  private static final int USUAL_REPLY_BYTES = 80 << 20;

  private final ServiceDescriptor service;
  private final int mostReplyBytes;
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();

  /** Of a service whose replies end at 80 MiB. */
  public Verbs(ServiceDescriptor service) {
    this(service, USUAL_REPLY_BYTES);
  }

  /**
   * @param mostReplyBytes of a reply in one message; a larger one is RESOURCE_EXHAUSTED
   */
  public Verbs(ServiceDescriptor service, int mostReplyBytes) {
    this.service = service;
    this.mostReplyBytes = mostReplyBytes;
  }

  /** Answers {@code method} by {@code verb}, which runs on a virtual thread, to its end. */
  public <Q extends MessageLite, A extends MessageLite> Verbs on(
      MethodDescriptor<Q, A> method, Function<Q, A> verb) {
    return atOnceIf(_ -> false, method, verb);
  }

  /**
   * Answers {@code method} by {@code verb}, which waits for nothing, reads nothing but memory and
   * runs on the event loop: another thread would take longer to wake than the answer takes.
   */
  public <Q extends MessageLite, A extends MessageLite> Verbs atOnce(
      MethodDescriptor<Q, A> method, Function<Q, A> verb) {
    return atOnceIf(_ -> true, method, verb);
  }

  /** As {@link #atOnce} where the request {@code isShort}, otherwise as {@link #on}. */
  public <Q extends MessageLite, A extends MessageLite> Verbs atOnceIf(
      Predicate<Q> isShort, MethodDescriptor<Q, A> method, Function<Q, A> verb) {
    ServerCallHandler<Q, A> handler =
        ServerCalls.asyncUnaryCall((request, reply) -> {
          expectToBeLeft(reply);
          if (isShort.test(request)) {
            answer(method, verb, request, reply);
          } else {
            onOwnThread(() -> answer(method, verb, request, reply));
          }
        });
    return answeredBy(method, handler);
  }

  private <Q, A> Verbs answeredBy(MethodDescriptor<Q, A> method, ServerCallHandler<Q, A> handler) {
    methods.put(method.getFullMethodName(), ServerMethodDefinition.create(method, handler));
    return this;
  }

  /** Without a handler of ours a reply to a caller that gave up would throw. */
  private static void expectToBeLeft(StreamObserver<?> reply) {
    ((ServerCallStreamObserver<?>) reply).setOnCancelHandler(() -> {});
  }

  private static void onOwnThread(Runnable work) {
    Thread _ = Thread.startVirtualThread(Context.current().wrap(work));
  }

  /**
   * Answers {@code method} by {@code verb}, whose thread is interrupted when the caller leaves
   * before its end.
   */
  public <Q extends MessageLite, A extends MessageLite> Verbs onUntilLeft(
      MethodDescriptor<Q, A> method, Function<Q, A> verb) {
    return on(method, request -> untilLeft(() -> verb.apply(request)));
  }

  /**
   * Answers {@code method} by {@code verb}, whose thread is interrupted shortly before the caller's
   * deadline: the caller can then still be told how far it is.
   */
  public <Q extends MessageLite, A extends MessageLite> Verbs onUntilDue(
      MethodDescriptor<Q, A> method, Function<Q, A> verb) {
    return on(method, request -> DueTime.limit(() -> verb.apply(request)));
  }

  /**
   * Answers by several messages, at the caller's pace; otherwise as {@link #onUntilLeft}. The last
   * message may be any.
   */
  public <Q extends MessageLite, A extends MessageLite> Verbs onStream(
      MethodDescriptor<Q, A> method, StreamingVerb<Q, A> verb) {
    return onOpened(method, request -> reply -> verb.answer(request, reply));
  }

  /**
   * Answers by the items of a list in messages of bounded size, at the caller's pace. Items are
   * asked for when the caller is ready for them.
   *
   * @param message of at least one item
   */
  public <Q extends MessageLite, T extends MessageLite, A extends MessageLite> Verbs onItems(
      MethodDescriptor<Q, A> method, Function<Q, Stream<T>> list, Function<List<T>, A> message) {
    return onStream(
        method,
        (request, reply) -> {
          try (Stream<T> items = list.apply(request)) {
            Batches.send(items.iterator(), batch -> reply.accept(message.apply(batch)));
          }
        });
  }

  /**
   * Answers by what a source gives, at the caller's pace.
   *
   * @param open waits for nothing and runs on the event loop: what a later call of the same
   *     connection does happens when the source is open
   */
  public <Q extends MessageLite, A extends MessageLite> Verbs onOpened(
      MethodDescriptor<Q, A> method, Function<Q, Source<A>> open) {
    ServerCallHandler<Q, A> handler =
        ServerCalls.asyncServerStreamingCall((request, observer) -> {
          expectToBeLeft(observer);
          PacedReply<A> reply = new PacedReply<>((ServerCallStreamObserver<A>) observer);
          answering(
              method,
              reply,
              () -> {
                Source<A> source = open.apply(request);
                onOwnThread(() -> answering(method, reply, () -> give(source, reply)));
              });
        });
    return answeredBy(method, handler);
  }

  private static void answering(MethodDescriptor<?, ?> method, PacedReply<?> reply, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      reply.fail(StatusMapper.toStatus(method.getFullMethodName(), e));
    }
  }

  private static <A> void give(Source<A> source, PacedReply<A> reply) {
    boolean _ =
        untilLeft(() -> {
          source.giveTo(reply);
          return true;
        });
    reply.complete();
  }

  /** What answers by several messages. */
  @FunctionalInterface
  public interface StreamingVerb<Q, A> {
    void answer(Q request, Consumer<A> reply);
  }

  /** What several messages come from, one after the other. */
  @FunctionalInterface
  public interface Source<A> {
    /** Gives all messages; returns after the last one. Called once. */
    void giveTo(Consumer<A> reply);
  }

  /**
   * Until the call's context is cancelled, on another thread: the caller left or its time is up.
   */
  private static <T extends @Nullable Object> T untilLeft(Supplier<T> work) {
    Thread thread = Thread.currentThread();
    Context context = Context.current();
    Context.CancellationListener left = _ -> thread.interrupt();
    context.addListener(left, Runnable::run);
    try {
      return work.get();
    } finally {
      context.removeListener(left);
    }
  }

  /** The service as gRPC wants it. */
  public ServerServiceDefinition bind() {
    ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(service);
    for (MethodDescriptor<?, ?> method : service.getMethods()) {
      ServerMethodDefinition<?, ?> verb = methods.get(method.getFullMethodName());
      if (verb != null) {
        definition.addMethod(verb);
      } else {
        definition.addMethod(unimplemented(method));
      }
    }
    return definition.build();
  }

  private <Q extends MessageLite, A extends MessageLite> void answer(
      MethodDescriptor<Q, A> method, Function<Q, A> verb, Q request, StreamObserver<A> reply) {
    A answer;
    try {
      answer = verb.apply(request);
      checkSize(method, answer);
    } catch (RuntimeException | Error e) {
      reply.onError(StatusMapper.toStatus(method.getFullMethodName(), e).asRuntimeException());
      return;
    }
    reply.onNext(answer);
    reply.onCompleted();
  }

  private void checkSize(MethodDescriptor<?, ?> method, MessageLite answer) {
    if (answer.getSerializedSize() > mostReplyBytes) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              method.getBareMethodName() + ": reply is larger than " + mostReplyBytes + " bytes")
          .asRuntimeException();
    }
  }

  private static <Q, A> ServerMethodDefinition<Q, A> unimplemented(MethodDescriptor<Q, A> method) {
    return ServerMethodDefinition.create(
        method,
        (call, _) -> {
          call.close(
              Status.UNIMPLEMENTED.withDescription(
                  method.getBareMethodName() + " is not implemented"),
              new Metadata());
          return new ServerCall.Listener<>() {};
        });
  }
}
