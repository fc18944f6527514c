package io.crij.linux.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProcessStatTest {
  @Test
  void readsFieldsBehindAnyName() {
    String line =
        "42 (a) R 1 (b)) S 7 42 41 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1 1 18446744073709551615"
            + " 1 1 1 1 1 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 256\n";
    ProcessStat stat = ProcessStat.parse(42, line);
    assertThat(stat).isEqualTo(new ProcessStat(42, 'S', 7, 41, 987654, 256));
    assertThat(ExitStatus.ofWaitStatus(stat.waitStatus())).isEqualTo(new ExitStatus(1, 0));
  }

  @Test
  void findsNothingForAPidThatCannotBe() {
    assertThat(ProcessStat.read(Integer.MAX_VALUE)).isNull();
  }
}
