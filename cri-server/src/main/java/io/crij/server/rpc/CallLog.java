package io.crij.server.rpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One line a call: its name, what it was about and made, how long it took, how it ended. Nothing
 * else of a request is logged, for requests carry credentials, environments and commands.
 */
final class CallLog implements ServerInterceptor {
  private static final Logger log = LoggerFactory.getLogger("io.crij.rpc");

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Call<Q, A> logged = new Call<>(call);
    return new SimpleForwardingServerCallListener<>(next.startCall(logged, headers)) {
      @Override
      public void onMessage(Q request) {
        logged.request = request;
        super.onMessage(request);
      }
    };
  }

  private static final class Call<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final long startNanos = System.nanoTime();
    // Written on the event loop, before the verb that answers is begun there or on its own thread.
    private @Nullable Object request;
    private @Nullable Object answer;

    Call(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendMessage(A message) {
      answer = message;
      super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      super.close(status, trailers);
      Level level = level(status.getCode());
      if (log.isEnabledForLevel(level)) {
        log.atLevel(level).log(line(status));
      }
    }

    private static Level level(Status.Code code) {
      return switch (code) {
        // Usual questions: does it exist, can you do this? And usual ends of streams.
        case OK, UNIMPLEMENTED, NOT_FOUND, CANCELLED -> Level.DEBUG;
        default -> Level.WARN;
      };
    }

    private String line(Status status) {
      long millis = Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
      return getMethodDescriptor().getBareMethodName()
          + " "
          + (request == null ? "" : Subject.of(request))
          + (answer == null ? "" : Subject.made(getMethodDescriptor(), answer))
          + status.getCode()
          + " in "
          + millis
          + " ms"
          + (status.isOk() ? "" : ": " + text(status));
    }

    private static String text(Status status) {
      String description = status.getDescription();
      return description == null ? "" : Subject.printable(description);
    }
  }
}
