package io.crij.server.config;

import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Key;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What crijd was asked on its command line. */
public sealed interface CommandLine {
  /** Text of {@code crijd --help}. */
  String HELP =
      """
      usage: crijd [--config FILE] [--root DIR] [--runroot DIR] [--imagestore DIR]
                   [--listen URI] [--log-level LEVEL]
             crijd config check|show|default [FLAGS]

        config check       whether the configuration is valid; what is wrong, with file and line
        config show        what crijd would run with, and where each value was given
        config default     the defaults, as a file

        --config FILE      configuration (/etc/crij/crij.toml); FILE.d/*.toml are read after it
        --root DIR         what survives a reboot (/var/lib/crij)
        --runroot DIR      what does not (/run/crij)
        --imagestore DIR   images, if not in the root
        --listen URI       socket of the CRI (unix://<runroot>/crij.sock)
        --log-level LEVEL  error, warn, info, debug, trace (info)
        --version          print the version
        --help             print this

      Environment: CRIJ_CONFIG, CRIJ_ROOT, CRIJ_RUNROOT, CRIJ_IMAGESTORE, CRIJ_LISTEN,
        CRIJ_LOG_LEVEL.
      Exit status: 0 after SIGTERM, 1 start failed, 2 bad flag or configuration, 3 already running.
      """;

  /** {@code --help}. */
  record Help() implements CommandLine {}

  /** {@code --version}. */
  record Version() implements CommandLine {}

  /** Serve, with these settings above all others. */
  record Run(@Nullable Path configFile, Map<String, String> settings) implements CommandLine {
    public Run {
      settings = Map.copyOf(settings);
    }
  }

  /** Something about the configuration, which is not served with. */
  record Config(ConfigCommand command, Run run) implements CommandLine {}

  /** Reads the command line: flags alone, or {@code config}, what about it, and flags. */
  static CommandLine parse(String... args) {
    if (args.length == 0 || !args[0].equals("config")) {
      return flags(args);
    }
    ConfigCommand command = ConfigCommand.of(args.length > 1 ? args[1] : "");
    CommandLine flags = flags(Arrays.copyOfRange(args, 2, args.length));
    return flags instanceof Run run ? new Config(command, run) : flags;
  }

  /**
   * Reads {@code --flag VALUE} and {@code --flag=VALUE}.
   *
   * @throws ConfigException naming the flag
   */
  private static CommandLine flags(String... args) {
    Path configFile = null;
    Map<String, String> settings = new HashMap<>();
    Iterator<String> words = Arrays.asList(args).iterator();
    while (words.hasNext()) {
      String word = words.next();
      int equals = word.indexOf('=');
      String flag = equals < 0 ? word : word.substring(0, equals);
      if (word.equals("--help") || word.equals("-h")) {
        return new Help();
      }
      if (word.equals("--version")) {
        return new Version();
      }
      if (!flag.equals("--config") && Key.ofFlag(flag) == null) {
        throw new ConfigException("flag " + flag + ": unknown, see crijd --help");
      }
      if (equals < 0 && !words.hasNext()) {
        throw new ConfigException("flag " + flag + ": value missing");
      }
      String value = equals < 0 ? words.next() : word.substring(equals + 1);
      if (flag.equals("--config")) {
        configFile = Path.of(value);
      } else {
        settings.put(flag, value);
      }
    }
    return new Run(configFile, settings);
  }
}
