package io.crij.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.crij.server.config.telemetry.LogLevel;
import io.crij.server.config.telemetry.LogSettings;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Logs go to stderr, one line each, by a {@link LogQueue}. Found by logback as a service: no XML is
 * parsed at start-up.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %msg%n";

  private static final String QUEUE = "queue";
  private static final String OURS = "io.crij";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(context);
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    LogQueue queue = new LogQueue(stderr, context.getLogger(LogQueue.class));
    queue.setName(QUEUE);
    queue.setContext(context);
    queue.start();
    context.getLogger("ROOT").addAppender(queue);
    setLevel(context, Level.INFO);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Takes over java.util.logging (gRPC), and sets what is shown of all. */
  public static void apply(LogSettings settings) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      setLevel(context, Level.valueOf(settings.level().name()));
      if (queue(context) instanceof LogQueue queue) {
        queue.setFilter(Pattern.compile(settings.filter()));
      }
    }
  }

  /** What is shown now. */
  public static LogSettings current() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && queue(context) instanceof LogQueue queue) {
      Level level = context.getLogger(OURS).getEffectiveLevel();
      return new LogSettings(LogLevel.valueOf(level.levelStr), queue.filter().pattern());
    }
    throw new IllegalStateException("logs are not written as they were set up");
  }

  private static @Nullable Appender<ILoggingEvent> queue(LoggerContext context) {
    return context.getLogger("ROOT").getAppender(QUEUE);
  }

  /** Counts the lines that are dropped. */
  public static void measure(MeterRegistry meters) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && queue(context) instanceof LogQueue queue) {
      FunctionCounter.builder("crij.log.lines.dropped", queue, LogQueue::dropped)
          .description("Lines of the log of crijd that nobody took from stderr")
          .register(meters);
    }
  }

  /** Writes what is still to be written, and nothing afterwards. */
  public static void end() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.stop();
    }
  }

  private static void setLevel(LoggerContext context, Level level) {
    context.getLogger("ROOT").setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
    context.getLogger(OURS).setLevel(level);
    // Each connection would warn that a unix socket knows no SO_KEEPALIVE, which gRPC sets.
    context.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
    // A client that goes away in the middle of a call, or sends too much, would be a stack trace.
    context.getLogger("io.grpc.netty").setLevel(Level.ERROR);
  }
}
