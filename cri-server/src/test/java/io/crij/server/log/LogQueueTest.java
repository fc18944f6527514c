package io.crij.server.log;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogQueueTest {
  private static final int FOR_ALL = LogQueue.CAPACITY - LogQueue.FOR_WARNINGS;

  private final LoggerContext context = new LoggerContext();
  private final Logger log = context.getLogger("test");
  private final Stuck stderr = new Stuck();
  private final LogQueue queue = new LogQueue(stderr, log);

  LogQueueTest() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    log.setAdditive(false);
    log.addAppender(queue);
    stderr.start();
    queue.setContext(context);
    queue.start();
  }

  /** Takes lines only when it is let. */
  private static final class Stuck extends AppenderBase<ILoggingEvent> {
    private final Semaphore permits = new Semaphore(0);
    private final List<String> taken = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent line) {
      permits.acquireUninterruptibly();
      taken.add(line.getFormattedMessage());
    }
  }

  @AfterEach
  void stop() {
    stderr.permits.release(1_000_000);
    queue.stop();
  }

  private void logOne() throws InterruptedException {
    log.info("first");
    await("that it is to be written", stderr.permits::hasQueuedThreads);
  }

  @Test
  void whoLogsDoesNotWaitAndWarningsStillHaveRoom() throws Exception {
    logOne();
    List<String> expected = new ArrayList<>(List.of("first"));
    for (int i = 0; i < 2 * LogQueue.CAPACITY; i++) {
      log.info("line {}", i);
    }
    for (int i = 0; i < FOR_ALL; i++) {
      expected.add("line " + i);
    }
    for (int i = 0; i < LogQueue.FOR_WARNINGS; i++) {
      log.warn("warning {}", i);
      expected.add("warning " + i);
    }
    int lost = 2 * LogQueue.CAPACITY - FOR_ALL;
    assertThat(queue.dropped()).isEqualTo(lost);
    log.error("one too many");
    assertThat(queue.dropped()).isEqualTo(lost + 1);
    expected.add(lost + 1 + " lines of this log were dropped, for they were not taken");

    stderr.permits.release(1_000_000);
    await("all lines", () -> stderr.taken.size() == expected.size());

    assertThat(stderr.taken).containsExactlyElementsOf(expected);
    log.info("later");
    await("a line after that", () -> stderr.taken.getLast().equals("later"));
  }

  @Test
  void whatAFilterIsTooDeepForIsWrittenAndTheLogGoesOn() throws Exception {
    queue.setFilter(Pattern.compile("^(a|b)*$"));
    String deep = "ab".repeat(100_000);
    stderr.permits.release(2);

    log.info(deep);
    log.info("none");
    log.info("abba");

    await("what is found", () -> stderr.taken.size() == 2);
    assertThat(stderr.taken).containsExactly(deep, "abba");
  }

  @Test
  void anEndWaitsUntilAllIsWritten() throws Exception {
    logOne();
    log.info("last");
    Thread letting =
        Thread.ofVirtual()
            .start(() -> {
              await("the end", () -> !queue.isStarted());
              stderr.permits.release(2);
            });
    queue.stop();
    letting.join();
    assertThat(stderr.taken).containsExactly("first", "last");
  }

  @Test
  void anEndDoesNotWaitForever() throws Exception {
    logOne();
    queue.stop();
    assertThat(stderr.taken).isEmpty();
  }
}
