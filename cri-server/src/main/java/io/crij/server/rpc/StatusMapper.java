package io.crij.server.rpc;

import io.crij.image.ImageException;
import io.crij.linux.LinuxException;
import io.crij.records.RecordsException;
import io.crij.runtime.ServiceException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The error border: the only place that knows which gRPC code an error is. */
final class StatusMapper {
  private static final Logger log = LoggerFactory.getLogger(StatusMapper.class);

  /** A status travels in HTTP/2 headers, percent-encoded; clients take 8 KiB of them by default. */
  private static final int MAX_MESSAGE_CHARS = 2000;

  private StatusMapper() {}

  /**
   * The answer to a call that failed. What no verb should throw is logged here, with its stack.
   *
   * @param method names the call in the log
   */
  static Status toStatus(String method, Throwable failure) {
    return switch (failure) {
      case ImageException e -> status(code(e), e.getMessage());
      case ServiceException e -> status(code(e), e.getMessage());
      case StatusRuntimeException e -> e.getStatus();
      case LinuxException e -> status(Status.Code.INTERNAL, e.getMessage());
      case RecordsException e -> status(Status.Code.INTERNAL, e.getMessage());
      case UncheckedIOException e -> status(Status.Code.INTERNAL, e.getMessage());
      default -> {
        log.error("{} failed unexpectedly", method, failure);
        yield status(Status.Code.INTERNAL, failure.toString());
      }
    };
  }

  private static Status.Code code(ImageException failure) {
    return switch (failure) {
      case ImageException.NotFound _ -> Status.Code.NOT_FOUND;
      case ImageException.AlreadyExists _ -> Status.Code.ALREADY_EXISTS;
      case ImageException.InvalidArgument _ -> Status.Code.INVALID_ARGUMENT;
      case ImageException.FailedPrecondition _ -> Status.Code.FAILED_PRECONDITION;
      case ImageException.Unauthenticated _ -> Status.Code.UNAUTHENTICATED;
      case ImageException.PermissionDenied _ -> Status.Code.PERMISSION_DENIED;
      case ImageException.ResourceExhausted _ -> Status.Code.RESOURCE_EXHAUSTED;
      case ImageException.DeadlineExceeded _ -> Status.Code.DEADLINE_EXCEEDED;
      case ImageException.Unavailable _ -> Status.Code.UNAVAILABLE;
      case ImageException.Unimplemented _ -> Status.Code.UNIMPLEMENTED;
      case ImageException.Internal _ -> Status.Code.INTERNAL;
    };
  }

  private static Status.Code code(ServiceException failure) {
    return switch (failure) {
      case ServiceException.NotFound _ -> Status.Code.NOT_FOUND;
      case ServiceException.AlreadyExists _ -> Status.Code.ALREADY_EXISTS;
      case ServiceException.InvalidArgument _ -> Status.Code.INVALID_ARGUMENT;
      case ServiceException.FailedPrecondition _ -> Status.Code.FAILED_PRECONDITION;
      case ServiceException.Unauthenticated _ -> Status.Code.UNAUTHENTICATED;
      case ServiceException.PermissionDenied _ -> Status.Code.PERMISSION_DENIED;
      case ServiceException.ResourceExhausted _ -> Status.Code.RESOURCE_EXHAUSTED;
      case ServiceException.DeadlineExceeded _ -> Status.Code.DEADLINE_EXCEEDED;
      case ServiceException.Unavailable _ -> Status.Code.UNAVAILABLE;
      case ServiceException.Unimplemented _ -> Status.Code.UNIMPLEMENTED;
      case ServiceException.Internal _ -> Status.Code.INTERNAL;
    };
  }

  private static Status status(Status.Code code, @Nullable String message) {
    String text = message == null ? "" : message;
    return code.toStatus()
        .withDescription(
            text.length() <= MAX_MESSAGE_CHARS ? text : text.substring(0, MAX_MESSAGE_CHARS) + "…");
  }
}
