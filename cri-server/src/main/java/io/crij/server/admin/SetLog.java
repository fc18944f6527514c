package io.crij.server.admin;

import io.crij.admin.v1.SetLogRequest;
import io.crij.admin.v1.SetLogResponse;
import io.crij.runtime.ServiceException;
import io.crij.server.config.given.Words;
import io.crij.server.config.telemetry.LogLevel;
import io.crij.server.config.telemetry.LogSettings;
import io.crij.server.log.LogSetup;
import jakarta.inject.Singleton;
import java.util.regex.PatternSyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what is logged, and changes it at once; SIGHUP brings back what the configuration says. */
@Singleton
final class SetLog {
  private static final Logger log = LoggerFactory.getLogger(SetLog.class);

  SetLogResponse setLog(SetLogRequest request) {
    LogSettings before = LogSetup.current();
    LogSettings wanted =
        settings(
            request.getLevel().isEmpty() ? before.level() : level(request.getLevel()),
            request.hasFilter() ? request.getFilter() : before.filter());
    if (!wanted.equals(before)) {
      LogSetup.apply(wanted);
      log.info("log: level {}, filter '{}'", wanted.level().word(), wanted.filter());
    }
    return SetLogResponse.newBuilder()
        .setLevel(wanted.level().word())
        .setFilter(wanted.filter())
        .build();
  }

  private static LogSettings settings(LogLevel level, String filter) {
    try {
      return new LogSettings(level, filter);
    } catch (PatternSyntaxException e) {
      throw new ServiceException.InvalidArgument(
          "filter: not a regular expression: " + e.getDescription(), e);
    }
  }

  private static LogLevel level(String word) {
    LogLevel level = Words.find(LogLevel.values(), word);
    if (level == null) {
      throw new ServiceException.InvalidArgument(
          "level: '" + word + "' is none of " + Words.list(LogLevel.values()));
    }
    return level;
  }
}
