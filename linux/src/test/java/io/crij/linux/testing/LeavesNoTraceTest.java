package io.crij.linux.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The extension as JUnit runs it. */
final class LeavesNoTraceTest {
  @Test
  void passesATestThatCleansUp() {
    assertThat(failuresOf("cleansUp")).isEmpty();
  }

  @Test
  void failsATestThatLeavesAProcessAndEndsTheProcess() {
    assertThat(failuresOf("leavesAProcess"))
        .singleElement()
        .asString()
        .containsPattern("The test left behind:\n  PROCESS \\d+ started \\d+: sleep 602");
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
        .extracting(process -> process.info().commandLine().orElse(""))
        .noneMatch(command -> command.endsWith("sleep 602"));
  }

  @Test
  void deletesThePrivateRoot() throws IOException {
    failuresOf("leavesFilesInItsRoot");
    assertThat(
            Path.of(
                Files.readString(
                    Path.of(System.getProperty("java.io.tmpdir"), LeaksOnPurpose.NOTE))))
        .doesNotExist();
    Files.delete(Path.of(System.getProperty("java.io.tmpdir"), LeaksOnPurpose.NOTE));
  }

  private static List<Throwable> failuresOf(String method) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectMethod(LeaksOnPurpose.class, method, PrivateRoot.class.getName()))
        .execute()
        .testEvents()
        .finished()
        .map(event -> event.getRequiredPayload(TestExecutionResult.class).getThrowable())
        .flatMap(Optional::stream)
        .toList();
  }
}
