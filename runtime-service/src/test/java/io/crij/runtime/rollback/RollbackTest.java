package io.crij.runtime.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollbackTest {
  private final List<String> undone = new ArrayList<>();
  private final Rollback rollback = new Rollback("a test");

  @Test
  void undoesInReverseAndGoesOnAfterAFailure() {
    rollback.register("first", () -> undone.add("first"));
    rollback.register(
        "second",
        () -> {
          throw new IOException("stuck");
        });
    rollback.register("third", () -> undone.add("third"));
    Exception cause = new IllegalStateException("why");

    assertThat(rollback.undo(cause)).containsExactly("second");
    assertThat(undone).containsExactly("third", "first");
    assertThat(cause.getSuppressed()).hasSize(1);
    assertThat(rollback.undo(cause)).as("nothing is undone twice").isEmpty();
  }

  @Test
  void nothingIsUndoneAfterCommit() {
    rollback.register("first", () -> undone.add("first"));
    rollback.commit();

    assertThat(rollback.undo(new IllegalStateException())).isEmpty();
    assertThat(undone).isEmpty();
  }
}
