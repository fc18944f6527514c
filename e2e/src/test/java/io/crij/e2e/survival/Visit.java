package io.crij.e2e.survival;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.PrivateRoot;
import io.crij.monitor.v1.SessionEnded;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * What is open of a client when the disaster comes: two sessions that write numbered lines, one of
 * them on a terminal, and an attachment to a container's terminal.
 */
final class Visit implements AutoCloseable {
  static final int CODE = 7;

  /** What the attached container does. */
  static final String ANSWERS = "while read x; do echo got $x; done";

  /** Ends both scripts, when it is created in the container. */
  static final String STOP_FILE = "/stop";

  private static final String COUNTS =
      ("i=0; while [ ! -e %s ]; do i=$((i+1)); echo line $i; usleep 10000; done; "
              + "echo wrote $i; exit %d")
          .formatted(STOP_FILE, CODE);

  private static final long SECONDS = 60;

  private final Visitor visitor;
  private final List<VisitorStreams> sessions;
  private final String attachedContainer;
  private VisitorStreams attached;

  private Visit(Visitor visitor, String container, String terminal) {
    this.visitor = visitor;
    attachedContainer = terminal;
    sessions =
        List.of(visitor.exec(container, false, COUNTS), visitor.exec(container, true, COUNTS));
    attached = visitor.attach(terminal);
    sessions.forEach(session -> session.transcript().await("line 10\n"));
    assertAnswers("before");
  }

  /** Opens all of it; when this returns, the lines come and the attached container has answered. */
  static Visit begin(PrivateRoot home, String container, String terminal) {
    return new Visit(
        Visitor.of(home.runroot().resolve("monitor/conmon.sock")), container, terminal);
  }

  private void assertAnswers(String word) {
    attached.type(word);
    attached.transcript().await("got " + word + "\n");
  }

  /** Nothing was noticed: the same connection, the same streams. */
  void expectUntouchedAttachment() {
    assertThat(visitor.connections()).as("connections").isEqualTo(1);
    assertAnswers("after");
    assertThat(attached.transcript().hasEnded()).isFalse();
  }

  /** It has ended clearly, and can be had again. */
  void expectAttachmentAnew() {
    attached.transcript().awaitEnd();
    try (VisitorStreams before = attached) {
      attached = visitor.attach(attachedContainer);
      assertThat(before.transcript().text()).contains("got before\n");
    }
    assertAnswers("after");
  }

  /** It has ended clearly; the client's copy of the terminal is all that there is of it. */
  void leaveAttachment() {
    attached.transcript().awaitEnd();
    attached.close();
  }

  /** Every line that the processes wrote was read, and how they ended is known. */
  void expectSessionsWhole(int code) {
    for (VisitorStreams session : sessions) {
      SessionEnded end = session.end().orTimeout(SECONDS, TimeUnit.SECONDS).join();
      assertThat(end.getExitCode()).as(end.toString()).isEqualTo(code);
      session.transcript().awaitEnd();
      List<String> lines = session.transcript().text().lines().toList();
      int count = lines.size() - 1;
      assertThat(lines.getLast()).isEqualTo("wrote " + count);
      assertThat(lines.subList(0, count))
          .isEqualTo(IntStream.rangeClosed(1, count).mapToObj(i -> "line " + i).toList());
    }
  }

  @Override
  public void close() {
    attached.close();
    visitor.close();
  }
}
