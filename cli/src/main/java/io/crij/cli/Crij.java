package io.crij.cli;

import io.crij.cli.connection.Node;
import io.crij.cli.image.ArtifactCommands;
import io.crij.cli.image.ImageCheck;
import io.crij.cli.image.ImageCommands;
import io.crij.cli.image.ImageDu;
import io.crij.cli.image.ImageExport;
import io.crij.cli.image.ImageHistory;
import io.crij.cli.image.ImageInspect;
import io.crij.cli.image.ImagePrune;
import io.crij.cli.image.ImagePull;
import io.crij.cli.image.ImagePush;
import io.crij.cli.image.ImageTag;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program {@code crij}, for people at a node. */
@Command(
    name = "crij",
    description = "Looks after the CRI-J of this node.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {"0:done", "1:refused or failed", "2:wrong usage"})
public final class Crij {
  static final String DEFAULT_ADDRESS = "unix:///run/crij/admin.sock";
  static final String ADDRESS_VARIABLE = "CRIJ_ADDRESS";

  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private Address address;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Crij(Map<String, String> environment) {
    String given = environment.getOrDefault(ADDRESS_VARIABLE, "");
    this.address = Address.parse(given.isEmpty() ? DEFAULT_ADDRESS : given);
  }

  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(System.getenv(), out, err, args));
  }

  /** Runs one command and gives the exit status. */
  static int run(
      Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
    Crij crij;
    try {
      crij = new Crij(environment);
    } catch (IllegalArgumentException e) {
      err.println("crij: environment " + ADDRESS_VARIABLE + ": " + e.getMessage());
      return USAGE;
    }
    return new CommandLine(crij)
        .addSubcommand(new VersionCommand(crij, out))
        .addSubcommand(new InfoCommand(crij, out))
        .addSubcommand(new StatusCommand(crij, out))
        .addSubcommand(
            new CommandLine(new ImageCommands(crij::connect, out))
                .addSubcommand(new ImagePull(crij::connect, out, err))
                .addSubcommand(new ImageExport(crij::connect))
                .addSubcommand(new ImagePush(crij::connect, out))
                .addSubcommand(new ImageTag(crij::connect))
                .addSubcommand(new ImageInspect(crij::connect, out, err))
                .addSubcommand(new ImageHistory(crij::connect, out))
                .addSubcommand(new ImagePrune(crij::connect, out))
                .addSubcommand(new ImageDu(crij::connect, out))
                .addSubcommand(new ImageCheck(crij::connect, out)))
        .addSubcommand(new ArtifactCommands(crij::connect, out, err))
        .addSubcommand(new PodCommands(crij, out))
        .addSubcommand(new LogsCommand(crij, out))
        .addSubcommand(new LogCommand(crij, out))
        .addSubcommand(new DumpCommands(crij, out))
        .addSubcommand(new MonitorCommands(crij, out))
        .addSubcommand(new NodeCommands(crij, out, err))
        .addSubcommand(new CompletionCommand(out))
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler((e, _) -> usage(err, e))
        .setExecutionExceptionHandler((e, _, _) -> failed(crij, err, e))
        .execute(args);
  }

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Print this.")
  void help(boolean asked) {
    // picocli prints the help of the command that was given.
  }

  @Option(
      names = "--address",
      paramLabel = "URI",
      description = "Socket of crijd; default: $" + ADDRESS_VARIABLE + ", " + DEFAULT_ADDRESS)
  void address(String uri) {
    try {
      address = Address.parse(uri);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--address: " + e.getMessage(), e);
    }
  }

  /** Opens a connection; nothing is sent before the first call. */
  Node connect() {
    return new Node(address.socket());
  }

  private static int usage(PrintWriter err, ParameterException e) {
    String name = e.getCommandLine().getCommandSpec().qualifiedName();
    err.println("crij: " + firstLine(e) + " (see " + name + " --help)");
    return USAGE;
  }

  private static int failed(Crij crij, PrintWriter err, Exception e) {
    err.println("crij: " + reason(crij, e));
    return FAILED;
  }

  private static String reason(Crij crij, Exception e) {
    if (e instanceof StatusRuntimeException failure) {
      Status status = failure.getStatus();
      if (status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
        // No reply of crijd: the connection itself failed.
        return "no crijd answers on " + crij.address;
      }
      String description = status.getDescription();
      return status.getCode() + (description == null ? "" : ": " + oneLine(description));
    }
    return firstLine(e);
  }

  private static String firstLine(Exception e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message.lines().findFirst().orElse("");
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\R+", "; ");
  }
}
