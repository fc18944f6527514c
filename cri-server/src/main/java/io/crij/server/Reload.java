package io.crij.server;

import io.crij.server.config.LoadedConfig;
import io.crij.server.config.ServerConfig;
import io.crij.server.config.given.Applied;
import io.crij.server.config.given.Change;
import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration again: one that is valid is swapped in as a whole, as far as it may
 * change while crijd runs; of one that is not, nothing is.
 */
final class Reload {
  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final Supplier<LoadedConfig> source;
  private Given current;
  private @Nullable Consumer<ServerConfig> target;
  private boolean isWanted;

  /**
   * @param current what runs
   * @param source reads what is to run
   */
  Reload(Given current, Supplier<LoadedConfig> source) {
    this.current = current;
    this.source = source;
  }

  /** Configurations read from now on go to {@code target}, and one that was asked for before. */
  synchronized void open(Consumer<ServerConfig> target) {
    this.target = target;
    if (isWanted) {
      run();
    }
  }

  /** Reads it again; before {@link #open}, later. */
  synchronized void run() {
    Consumer<ServerConfig> to = target;
    if (to == null) {
      isWanted = true;
      return;
    }
    try {
      LoadedConfig fresh = source.get();
      List<Change> changes = Change.between(current, fresh.given());
      to.accept(fresh.config());
      current = current.withApplied(fresh.given());
      tell(changes);
    } catch (ConfigException e) {
      e.lines().forEach(line -> log.error("SIGHUP: the configuration stays as it was: {}", line));
    } catch (RuntimeException e) {
      log.error("SIGHUP: the configuration could not be read again", e);
    }
  }

  private static void tell(List<Change> changes) {
    for (Change change : changes) {
      if (change.applied() == Applied.AT_HANGUP) {
        log.info("SIGHUP: changed {}", change);
      } else {
        log.warn("SIGHUP: not changed before the next start: {}", change);
      }
    }
    log.info("SIGHUP: configuration read again, {} values differ", changes.size());
  }
}
