package io.crij.server.rpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.util.List;
import java.util.regex.Pattern;

/** What a request is about, and what it made, as far as a log may tell. */
public final class Subject {
  /** Top-level strings of CRI requests that name a thing. */
  private static final List<String> NAMES = List.of("pod_sandbox_id", "container_id");

  /** What stands before an {@code @} that no digest follows: no image has it, URLs have it. */
  private static final Pattern CREDENTIALS =
      Pattern.compile("^.*@(?![a-z0-9+._-]+:[0-9a-f]{32})", Pattern.DOTALL);

  private static final int MAX_CHARS = 300;

  private Subject() {}

  /** Empty, or ids and image each followed by a space. */
  public static String of(Object requestOrAnswer) {
    if (!(requestOrAnswer instanceof Message message)) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    Descriptor type = message.getDescriptorForType();
    for (String name : NAMES) {
      FieldDescriptor field = type.findFieldByName(name);
      if (field != null && field.getJavaType() == FieldDescriptor.JavaType.STRING) {
        append(text, (String) message.getField(field));
      }
    }
    FieldDescriptor image = type.findFieldByName("image");
    if (image != null && image.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      Message spec = (Message) message.getField(image);
      FieldDescriptor name = spec.getDescriptorForType().findFieldByName("image");
      if (name != null) {
        append(text, CREDENTIALS.matcher(spec.getField(name).toString()).replaceFirst("***@"));
      }
    }
    return text.toString();
  }

  /** The same of the answer: empty, or the id of what was made. Messages of streams have none. */
  public static String made(MethodDescriptor<?, ?> method, Object answer) {
    return method.getType() == MethodType.UNARY ? of(answer) : "";
  }

  /** {@code text} on one line: a caller cannot forge lines of the log. */
  static String printable(String text) {
    String line = text.strip().replaceAll("\\R", "; ").replaceAll("\\p{Cntrl}", "?");
    return line.length() <= MAX_CHARS * 5 ? line : line.substring(0, MAX_CHARS * 5) + "…";
  }

  private static void append(StringBuilder text, String value) {
    if (!value.isEmpty()) {
      text.append(printable(value.substring(0, Math.min(value.length(), MAX_CHARS)))).append(' ');
    }
  }
}
