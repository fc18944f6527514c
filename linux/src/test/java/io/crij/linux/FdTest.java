package io.crij.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class FdTest {
  @Test
  void openOfAMissingFileNamesCallPathAndReason() {
    assertThatThrownBy(() -> Fd.open("/no/such/file", Fd.O_RDONLY, 0))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessage("open /no/such/file: No such file or directory");
  }

  @Test
  void isClosedOnceOnly() {
    Fd fd = Fd.open("/dev/null", Fd.O_RDONLY, 0);
    fd.close();
    fd.close();
    assertThatThrownBy(fd::number).isInstanceOf(IllegalStateException.class);
  }
}
