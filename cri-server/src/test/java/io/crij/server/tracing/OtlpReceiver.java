package io.crij.server.tracing;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * A collector of OpenTelemetry on loopback (opentelemetry-proto, trace.proto): it keeps what it is
 * sent.
 */
public final class OtlpReceiver implements AutoCloseable {
  private static final String SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService";

  /** Fields of the messages by their numbers. */
  private static final int RESOURCE_SPANS = 1;

  private static final int SCOPE_SPANS = 2;
  private static final int SPANS = 2;
  private static final int TRACE_ID = 1;
  private static final int SPAN_ID = 2;
  private static final int PARENT_SPAN_ID = 4;
  private static final int NAME = 5;
  private static final int ATTRIBUTES = 9;
  private static final int STATUS = 15;

  private final List<byte[]> received = new CopyOnWriteArrayList<>();
  private final Server server;

  /**
   * A span.
   *
   * @param traceId hexadecimal, as the other ids
   * @param subject its attribute {@code crij.subject}; empty: it has none
   * @param status the message of it
   */
  public record Span(
      String name, String traceId, String id, String parentId, String subject, String status) {}

  public OtlpReceiver() throws IOException {
    MethodDescriptor<byte[], byte[]> export =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName(SERVICE + "/Export")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder(SERVICE)
                    .addMethod(export, ServerCalls.asyncUnaryCall(this::export))
                    .build())
            .build()
            .start();
  }

  private void export(byte[] request, StreamObserver<byte[]> reply) {
    received.add(request);
    reply.onNext(new byte[0]);
    reply.onCompleted();
  }

  /** As {@code host:port}. */
  public String endpoint() {
    return "127.0.0.1:" + server.getPort();
  }

  /** All bytes that came, one for a character. */
  public String text() {
    StringBuilder text = new StringBuilder();
    received.forEach(bytes -> text.append(new String(bytes, StandardCharsets.ISO_8859_1)));
    return text.toString();
  }

  /** Those that came so far. */
  public List<Span> spans() {
    return received.stream()
        .flatMap(bytes -> messages(fields(ByteString.copyFrom(bytes)), RESOURCE_SPANS))
        .flatMap(resource -> messages(resource, SCOPE_SPANS))
        .flatMap(scope -> messages(scope, SPANS))
        .map(OtlpReceiver::span)
        .toList();
  }

  private static Span span(UnknownFieldSet span) {
    return new Span(
        first(span, NAME).toStringUtf8(),
        hex(first(span, TRACE_ID)),
        hex(first(span, SPAN_ID)),
        hex(first(span, PARENT_SPAN_ID)),
        subject(span),
        first(fields(first(span, STATUS)), 2).toStringUtf8());
  }

  /** Of KeyValue, whose value is an AnyValue with a string (common.proto). */
  private static String subject(UnknownFieldSet span) {
    return messages(span, ATTRIBUTES)
        .filter(attribute -> first(attribute, 1).toStringUtf8().equals("crij.subject"))
        .map(attribute -> first(fields(first(attribute, 2)), 1).toStringUtf8())
        .findFirst()
        .orElse("");
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static ByteString first(UnknownFieldSet message, int field) {
    List<ByteString> values = message.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? ByteString.EMPTY : values.getFirst();
  }

  private static Stream<UnknownFieldSet> messages(UnknownFieldSet message, int field) {
    return message.getField(field).getLengthDelimitedList().stream().map(OtlpReceiver::fields);
  }

  private static UnknownFieldSet fields(ByteString message) {
    try {
      return UnknownFieldSet.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
