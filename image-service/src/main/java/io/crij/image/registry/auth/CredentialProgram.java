package io.crij.image.registry.auth;

import io.crij.image.ImageException;
import io.crij.image.manifest.JsonObject;
import io.crij.image.name.Quoted;
import io.crij.linux.Fd;
import io.crij.linux.io.Pipe;
import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.ProcessTree;
import io.crij.linux.process.Stdio;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program {@code docker-credential-NAME} that keeps credentials (github.com/docker/
 * docker-credential-helpers): {@code get} reads a server's name and writes what is known of it.
 */
final class CredentialProgram {
  private static final String PREFIX = "docker-credential-";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final String NOT_FOUND = "credentials not found in native keychain";
  private static final String TOKEN_USER = "<token>";

  private final Path program;
  private final Duration limit;

  private CredentialProgram(Path program, Duration limit) {
    this.program = program;
    this.limit = limit;
  }

  /**
   * Looks a helper up.
   *
   * @param name what follows {@code docker-credential-}
   * @param folders where it may be
   * @param limit how long it may take
   * @throws ImageException.FailedPrecondition if there is none
   */
  static CredentialProgram find(String name, List<Path> folders, Duration limit) {
    if (!NAME.matcher(name).matches()) {
      throw new ImageException.FailedPrecondition(
          "not the name of a credential helper: " + Quoted.of(name));
    }
    for (Path folder : folders) {
      Path program = folder.resolve(PREFIX + name);
      if (Files.isRegularFile(program) && Files.isExecutable(program)) {
        return new CredentialProgram(program, limit);
      }
    }
    throw new ImageException.FailedPrecondition(
        "no credential helper " + PREFIX + name + " in " + folders);
  }

  /**
   * Asks for the credentials of a server.
   *
   * @return none if it knows none
   * @throws ImageException.FailedPrecondition if it fails; nothing that it wrote is quoted
   */
  Credentials get(String server) {
    FutureTask<Answer> task = new FutureTask<>(() -> run(server));
    // A platform thread: the wait for a process would hold the carrier of a virtual one.
    Thread thread = Thread.ofPlatform().name("credential-helper").daemon(true).start(task);
    try {
      return read(task.get());
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new ImageException.DeadlineExceeded("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ImageException cause) {
        throw cause;
      }
      throw failure("cannot be run: " + e.getCause());
    }
  }

  /** What it wrote, and how it ended. */
  private record Answer(String output, ExitStatus status) {}

  /**
   * Input and output are no longer than what a pipe holds, so neither side waits for the other: a
   * helper that writes more waits itself until its time is over.
   */
  private Answer run(String server) throws IOException {
    try (Pipe in = Pipe.open();
        Pipe out = Pipe.open();
        Fd nothing = Fd.open("/dev/null", Fd.O_WRONLY, 0)) {
      try (OutputStream input = new FileOutputStream(in.write().procPath())) {
        input.write(server.getBytes(StandardCharsets.UTF_8));
      }
      in.write().close();
      try (ChildProcess process =
          ChildProcess.start(command(), new Stdio(in.read(), out.write(), nothing))) {
        ProcessId id = process.id();
        ExitStatus status = process.await(limit);
        ProcessTree.kill(id);
        if (status == null) {
          process.await(limit);
          throw failure("did not end within " + limit.toSeconds() + " s");
        }
        int available = Pipe.available(out.read());
        try (FileInputStream output = new FileInputStream(out.read().procPath())) {
          return new Answer(
              new String(output.readNBytes(available), StandardCharsets.UTF_8), status);
        }
      }
    }
  }

  /** Helpers find their stores by the environment, as when Docker starts them. */
  private Command command() {
    List<String> environment =
        System.getenv().entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .toList();
    return new Command(List.of(program.toString(), "get"), environment, "/", true);
  }

  private Credentials read(Answer answer) {
    if (!answer.status.isSuccess()) {
      if (answer.output.strip().equals(NOT_FOUND)) {
        return Credentials.NONE;
      }
      throw failure("failed with status " + answer.status.shellCode());
    }
    String user;
    String secret;
    try {
      JsonObject json =
          JsonObject.parse(answer.output.getBytes(StandardCharsets.UTF_8), "credentials");
      user = text(json.optionalText("Username"));
      secret = text(json.optionalText("Secret"));
    } catch (ImageException e) {
      throw failure("wrote something that is not JSON with Username and Secret");
    }
    if (user.equals(TOKEN_USER)) {
      return new Credentials.IdentityToken(secret);
    }
    return user.isEmpty() ? Credentials.NONE : new Credentials.Password(user, secret);
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private ImageException failure(String reason) {
    return new ImageException.FailedPrecondition("credential helper " + program + " " + reason);
  }
}
