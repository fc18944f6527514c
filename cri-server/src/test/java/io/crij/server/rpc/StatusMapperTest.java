package io.crij.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.ImageException;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.records.RecordsException;
import io.crij.runtime.ServiceException;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class StatusMapperTest {
  @Test
  void everyKindOfImageExceptionHasTheCodeOfItsName() throws ReflectiveOperationException {
    for (Class<?> kind : ImageException.class.getPermittedSubclasses()) {
      assertCodeOfName(kind);
    }
  }

  @Test
  void everyKindOfServiceExceptionHasTheCodeOfItsName() throws ReflectiveOperationException {
    for (Class<?> kind : ServiceException.class.getPermittedSubclasses()) {
      assertCodeOfName(kind);
    }
  }

  @Test
  void failuresOfTheNodeAreInternalWithTheirMessage() {
    assertInternal(new LinuxException("mount", "/a", Errno.EBUSY), "mount /a: Device or resource");
    assertInternal(new UncheckedIOException("write /b", new IOException("x")), "write /b");
    assertInternal(new RecordsException("database /c: locked", new SQLException("x")), "database");
  }

  @Test
  void whatNobodyExpectedIsInternalToo() {
    assertInternal(new IllegalStateException("odd"), "java.lang.IllegalStateException: odd");
    assertInternal(new AssertionError("odd"), "java.lang.AssertionError: odd");
  }

  @Test
  void aLongMessageIsCutToWhatClientsAccept() {
    Status status = StatusMapper.toStatus("M", new ServiceException.Internal("x".repeat(100_000)));

    assertThat(status.getDescription()).hasSizeLessThan(2100).endsWith("…");
  }

  private static void assertInternal(Throwable failure, String start) {
    Status status = StatusMapper.toStatus("M", failure);

    assertThat(status.getCode()).isEqualTo(Code.INTERNAL);
    assertThat(status.getDescription()).startsWith(start);
  }

  private static void assertCodeOfName(Class<?> kind) throws ReflectiveOperationException {
    Throwable failure =
        (Throwable) Objects.requireNonNull(kind.getConstructor(String.class).newInstance("why"));
    String name =
        kind.getSimpleName().replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);

    Status status = StatusMapper.toStatus("M", failure);

    assertThat(status.getCode()).isEqualTo(Code.valueOf(name));
    assertThat(status.getDescription()).isEqualTo("why");
  }
}
