package io.crij.linux.process;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.Pipe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChildProcessTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void givesArgumentsEnvironmentAndDirectoryAndNothingElse() {
    Command command =
        shell("echo \"$0 $X\"; pwd; env | grep -vE '^(PWD|SHLVL|_|OLDPWD)=' | sort")
            .withEnvironment(Map.of("X", "é"))
            .in("/usr");
    assertThat(run(command))
        .isEqualTo(
            "sh é\n/usr\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nX=é\n");
  }

  @Test
  void passesOnNoDescriptorOfOurs() {
    try (Fd ours = Fd.open("/dev/zero", Fd.O_RDONLY, 0);
        Fd inherited = Descriptors.reopen(ours, Fd.O_RDONLY)) {
      assertThat(inherited.number()).isGreaterThan(2);
      // 3 is the directory that ls itself has open.
      assertThat(run(command("/bin/ls", "/proc/self/fd"))).isEqualTo("0\n1\n2\n3\n");
    }
  }

  @Test
  void passesOnNoSignalMaskAndNoIgnoredSignal() {
    String status = run(command("/bin/cat", "/proc/self/status"));
    assertThat(status)
        .contains("SigBlk:\t0000000000000000")
        .contains("SigIgn:\t0000000000000000")
        .contains("SigCgt:\t0000000000000000");
  }

  @Test
  void leadsItsOwnSession() {
    String stat = run(command("/bin/cat", "/proc/self/stat")).trim();
    ProcessStat parsed = ProcessStat.parse(1, stat);
    assertThat(parsed.session()).isEqualTo(Integer.parseInt(stat.split(" ")[0]));
  }

  @Test
  void passesOnTheLimitOfOpenFilesThatWeWereStartedWith() {
    String before = run(shell("ulimit -Sn"));
    long soft = OpenFileLimit.soft();
    OpenFileLimit.raise(soft + 1);
    // The shell sleeps first: the limit is set right after it was started.
    assertThat(run(shell("sleep 0.2; ulimit -Sn"))).isEqualTo(before);
  }

  @Test
  void tellsExitCodeAndSignal() {
    assertThat(exit(shell("exit 7"))).isEqualTo(new ExitStatus(7, 0));
    ExitStatus killed = exit(shell("kill -9 $$"));
    assertThat(killed).isEqualTo(new ExitStatus(0, 9));
    assertThat(killed.shellCode()).isEqualTo(137);
  }

  @Test
  void refusesAMissingProgramAndDirectoryWithTheReason() {
    assertThatThrownBy(() -> exit(command("/no/such/program")))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessage("start /no/such/program: No such file or directory");
    assertThatThrownBy(() -> exit(shell("true").in("/no/such"))).isInstanceOf(LinuxException.class);
  }

  @Test
  void anyHolderOfThePidfdLearnsTheExitStatusAfterItWasReaped() {
    try (Fd none = Fd.open("/dev/null", Fd.O_RDWR, 0);
        ChildProcess child = ChildProcess.start(shell("exit 9"), Stdio.all(none));
        Pidfd other = Pidfd.open(child.pid())) {
      ProcessId id = child.id();
      assertThat(other.awaitEnd(LONG)).isTrue();
      assertThat(other.exitStatus(id)).as("as a zombie").isEqualTo(new ExitStatus(9, 0));
      assertThat(child.await(LONG)).isEqualTo(new ExitStatus(9, 0));
      assertThat(other.exitStatus(id)).as("once reaped").isEqualTo(new ExitStatus(9, 0));
      assertThat(other.signal(Signals.SIGKILL)).isFalse();
      assertThat(Pidfd.open(id)).isNull();
    }
  }

  @Test
  void aPidOfAnotherStartTimeIsAnotherProcess() {
    ProcessId self = CurrentProcess.id();
    assertThat(self.isAlive()).isTrue();
    assertThat(new ProcessId(self.pid(), self.startTimeTicks() + 1).isAlive()).isFalse();
  }

  @Test
  void killsATreeThatForksMeanwhile() {
    String forker = "while :; do sleep 100 & sleep 0.01; done";
    try (Fd none = Fd.open("/dev/null", Fd.O_RDWR, 0);
        ChildProcess child =
            ChildProcess.start(shell("(" + forker + ") & " + forker), Stdio.all(none))) {
      ProcessId root = child.id();
      assertThat(child.await(Duration.ofMillis(300))).isNull();
      ProcessTree.kill(root);
      assertThat(child.await(LONG)).isEqualTo(new ExitStatus(0, 9));
      String all = "cat /proc/[0-9]*/stat 2>/dev/null";
      String session = all + " | awk '$3 != \"Z\" && $6 == " + root.pid() + "'";
      await("the end of all of the session", () -> run(shell(session)).isEmpty());
    }
  }

  private static Command command(String... arguments) {
    return Command.of(List.of(arguments));
  }

  private static Command shell(String script) {
    return command("/bin/sh", "-c", script, "sh");
  }

  private static ExitStatus exit(Command command) {
    try (Fd none = Fd.open("/dev/null", Fd.O_RDWR, 0);
        ChildProcess child = ChildProcess.start(command, Stdio.all(none))) {
      ExitStatus status = child.await(LONG);
      assertThat(status).isNotNull();
      return status;
    }
  }

  private static String run(Command command) {
    NativeBuffer buffer = NativeBuffer.allocate(64 * 1024);
    try (Fd none = Fd.open("/dev/null", Fd.O_RDWR, 0);
        Pipe out = Pipe.open();
        ChildProcess child = ChildProcess.start(command, new Stdio(none, out.write(), none))) {
      child.await(LONG);
      int n = Math.max(0, Descriptors.read(out.read(), buffer, 0, buffer.capacity()));
      byte[] bytes = new byte[n];
      buffer.bytes().get(0, bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
