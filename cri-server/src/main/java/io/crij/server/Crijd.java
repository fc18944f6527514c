package io.crij.server;

import io.crij.server.build.Build;
import io.crij.server.config.CommandLine;
import io.crij.server.config.LoadedConfig;
import io.crij.server.config.given.ConfigException;
import io.crij.server.jvm.HangUp;
import io.crij.server.log.LogSetup;
import java.nio.file.Path;

/** The program {@code crijd}. */
public final class Crijd {
  private static final int OK = 0;
  private static final int BAD_CONFIGURATION = 2;

  private Crijd() {}

  public static void main(String[] args) {
    int status = run(args);
    LogSetup.end();
    System.exit(status);
  }

  private static int run(String... args) {
    try {
      return switch (CommandLine.parse(args)) {
        case CommandLine.Help _ -> print(CommandLine.HELP);
        case CommandLine.Version _ -> print("crijd " + Build.VERSION + "\n");
        case CommandLine.Config config ->
            print(config.command().run(config.run(), System.getenv(), home()));
        case CommandLine.Run run -> serve(run);
      };
    } catch (ConfigException e) {
      e.lines().forEach(line -> System.err.println("crijd: " + line));
      return BAD_CONFIGURATION;
    } catch (StartException e) {
      System.err.println("crijd: " + e.getMessage());
      return e.exitStatus();
    }
  }

  private static int serve(CommandLine.Run run) {
    LoadedConfig loaded = LoadedConfig.read(run, System.getenv(), home());
    LogSetup.apply(loaded.config().log());
    Reload reload =
        new Reload(loaded.given(), () -> LoadedConfig.read(run, System.getenv(), home()));
    HangUp.handle(reload::run);
    new Instance(loaded.config(), reload).serve();
    return OK;
  }

  private static Path home() {
    return Path.of(System.getProperty("crij.home", "/usr/lib/crij"));
  }

  private static int print(String text) {
    System.out.print(text);
    return OK;
  }
}
