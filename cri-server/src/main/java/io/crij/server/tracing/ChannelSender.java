package io.crij.server.tracing;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.GrpcResponse;
import io.opentelemetry.sdk.common.export.GrpcSender;
import io.opentelemetry.sdk.common.export.GrpcSenderConfig;
import io.opentelemetry.sdk.common.export.GrpcStatusCode;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends what OpenTelemetry exports by the gRPC that crijd has anyway. */
final class ChannelSender implements GrpcSender {
  /** A collector answers with a few bytes. */
  private static final int MAX_REPLY_BYTES = 64 << 10;

  private final GrpcSenderConfig config;
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("tracing", true), EpollIoHandler.newFactory());
  private final MethodDescriptor<MessageWriter, byte[]> method;
  private final ManagedChannel channel;

  ChannelSender(GrpcSenderConfig config) {
    this.config = config;
    this.method =
        MethodDescriptor.<MessageWriter, byte[]>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName(config.getFullMethodName())
            .setRequestMarshaller(new Requests())
            .setResponseMarshaller(new Replies())
            .build();
    this.channel =
        NettyChannelBuilder.forTarget(config.getEndpoint().getAuthority())
            .eventLoopGroup(eventLoop)
            .channelType(EpollSocketChannel.class)
            .directExecutor()
            .maxInboundMessageSize(MAX_REPLY_BYTES)
            .usePlaintext()
            .build();
  }

  @Override
  public void send(
      MessageWriter message, Consumer<GrpcResponse> onResponse, Consumer<Throwable> onError) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(
            config.getTimeout().toMillis(), TimeUnit.MILLISECONDS);
    ClientCall<MessageWriter, byte[]> call = channel.newCall(method, options);
    call.start(new Answer(onResponse), new Metadata());
    call.request(1);
    try {
      call.sendMessage(message);
    } catch (RuntimeException e) {
      call.cancel("not written", e);
      onError.accept(e);
      return;
    }
    call.halfClose();
  }

  @Override
  public CompletableResultCode shutdown() {
    channel.shutdownNow();
    var _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    return CompletableResultCode.ofSuccess();
  }

  private static final class Answer extends ClientCall.Listener<byte[]> {
    private final Consumer<GrpcResponse> onResponse;
    private byte[] reply = {};

    Answer(Consumer<GrpcResponse> onResponse) {
      this.onResponse = onResponse;
    }

    @Override
    public void onMessage(byte[] message) {
      reply = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      onResponse.accept(new Ended(status, reply));
    }
  }

  private static final class Ended implements GrpcResponse {
    private final Status status;
    private final byte[] reply;

    Ended(Status status, byte[] reply) {
      this.status = status;
      this.reply = reply;
    }

    @Override
    public GrpcStatusCode getStatusCode() {
      return GrpcStatusCode.fromValue(status.getCode().value());
    }

    @Override
    public @Nullable String getStatusDescription() {
      return status.getDescription();
    }

    @Override
    public byte[] getResponseMessage() {
      return reply.clone();
    }
  }

  private static final class Requests implements MethodDescriptor.Marshaller<MessageWriter> {
    @Override
    public InputStream stream(MessageWriter message) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.getContentLength());
      try {
        message.writeMessage(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException("write spans: " + e.getMessage(), e);
      }
      return new ByteArrayInputStream(bytes.toByteArray());
    }

    @Override
    public MessageWriter parse(InputStream stream) {
      throw new UnsupportedOperationException("nothing is received so");
    }
  }

  private static final class Replies implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] reply) {
      throw new UnsupportedOperationException("nothing is sent so");
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException("read a collector's answer: " + e.getMessage(), e);
      }
    }
  }
}
