package io.crij.runtime.monitor;

import io.crij.linux.Fd;
import io.crij.linux.process.ProcessId;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.ContainerState;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecSyncReply;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.FiguresReply;
import io.crij.monitor.v1.FiguresRequest;
import io.crij.monitor.v1.ForgetRequest;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.ListRequest;
import io.crij.monitor.v1.ReopenLogRequest;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.ShutdownRequest;
import io.crij.monitor.v1.UpgradeRequest;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.hostport.PortForwarder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The monitor of all containers, conmon-j, as the verbs see it: always there, or {@link
 * ServiceException.Unavailable}.
 */
public final class Monitor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Monitor.class);
  private static final Duration THERE_WITHIN = Duration.ofSeconds(15);
  private static final Duration FIRST_THERE_WITHIN = Duration.ofSeconds(30);
  private static final Duration SHORT_CALL = Duration.ofSeconds(30);

  /** Who wants figures would rather have older ones. */
  private static final Duration FIGURES_CALL = Duration.ofSeconds(2);

  private static final Duration CREATE_CALL = Duration.ofSeconds(250);

  /** For the proof of the new program, for calls under way to end, and for its start. */
  private static final Duration UPGRADE_CALL = Duration.ofMinutes(2);

  private static final Duration MARGIN = Duration.ofSeconds(30);
  private static final Duration UNLIMITED = Duration.ofDays(1);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
  private static final int TRIES = 3;

  private final List<String> command;
  private final KeptDescriptors kept;
  private final OpenStreams open;
  private final MonitorStreams streams;
  private final PortForwarder forwards;
  private final MonitorSupervisor supervisor;

  private Monitor(
      List<String> command, KeptDescriptors kept, OpenStreams open, MonitorSupervisor supervisor) {
    this.command = command;
    this.kept = kept;
    this.open = open;
    this.streams = new MonitorStreams(this, open);
    this.forwards = new MonitorForwards(this);
    this.supervisor = supervisor;
  }

  /**
   * Where a monitor is and how it is started.
   *
   * @param command starts it, without {@code --runroot}
   * @param logFile for its own log
   * @param cgroup made for it
   */
  public record Settings(List<String> command, Path runroot, Path logFile, String cgroup) {
    public Settings {
      command = List.copyOf(command);
    }

    private static final Path NODE_RUNROOT = Path.of("/run/crij");
    private static final Path NODE_LOG = Path.of("/var/log/crij/conmon-j.log");

    /** Of the node's own instance, or of a private one, which keeps its log to itself. */
    public static Settings of(RuntimeServiceConfig config) {
      Path runroot = config.runroot();
      Path log =
          runroot.equals(NODE_RUNROOT)
              ? NODE_LOG
              : runroot.resolve("monitor").resolve("conmon-j.log");
      return new Settings(config.monitorCommand(), runroot, log, config.monitorCgroup());
    }

    Path socket() {
      return runroot.resolve("monitor").resolve("conmon.sock");
    }
  }

  /**
   * Connects to the monitor, starting it where none answers.
   *
   * @param exited told of each exit, also of those before; at least once each, quickly done
   * @throws ServiceException.Unavailable when there is none within half a minute
   */
  public static Monitor open(Settings settings, ControlGroups cgroups, Consumer<Exited> exited) {
    return open(settings, cgroups, exited, Pulse.Limits.USUAL);
  }

  static Monitor open(
      Settings settings, ControlGroups cgroups, Consumer<Exited> exited, Pulse.Limits limits) {
    KeptDescriptors kept = new KeptDescriptors();
    OpenStreams open = new OpenStreams();
    MonitorProcess process =
        new MonitorProcess(
            settings.command(), settings.runroot(), settings.logFile(), cgroups, settings.cgroup());
    MonitorSupervisor supervisor =
        new MonitorSupervisor(
            settings.socket(),
            process,
            kept,
            open,
            (message, descriptors) -> {
              if (message.hasKept()) {
                kept.put(message.getKept(), descriptors);
              } else {
                descriptors.forEach(Fd::close);
                receive(message, kept, open, exited);
              }
            },
            limits);
    Monitor monitor = new Monitor(settings.command(), kept, open, supervisor);
    supervisor.start();
    try {
      monitor.connection(FIRST_THERE_WITHIN);
    } catch (ServiceException e) {
      monitor.close();
      throw e;
    }
    return monitor;
  }

  private static void receive(
      FromMonitor message, KeptDescriptors kept, OpenStreams open, Consumer<Exited> exited) {
    switch (message.getKindCase()) {
      case EXITED -> {
        kept.remove(message.getExited().getContainerId());
        exited.accept(message.getExited());
      }
      case OUT_OF_MEMORY ->
          log.warn(
              "container {}: the kernel killed a process for memory",
              message.getOutOfMemory().getContainerId());
      case SESSION_ENDED -> open.ended(message.getSessionEnded());
      case DETACHED -> open.detached(message.getDetached());
      case STDIN_CLOSED ->
          kept.drop(message.getStdinClosed().getContainerId(), FdKind.FD_KIND_STDIN);
      case KEPT, REPLY, UPGRADED, KIND_NOT_SET -> {}
    }
  }

  /**
   * Makes a container by the OCI runtime's {@code create}. Not repeated when the monitor dies
   * meanwhile: the caller takes back what was made.
   */
  public ContainerRecord create(CreateRequest request) throws MonitorFailure {
    return once(Request.newBuilder().setCreate(request), CREATE_CALL).getCreate().getRecord();
  }

  /** Runs a process in a container to its end. Not repeated, since it may have done something. */
  public ExecSyncReply execSync(ExecSyncRequest request) throws MonitorFailure {
    Duration limit =
        request.getTimeoutMillis() == 0
            ? UNLIMITED
            : Duration.ofMillis(request.getTimeoutMillis()).plus(MARGIN);
    return once(Request.newBuilder().setExecSync(request), limit).getExecSync();
  }

  /** Calls that bring streams of a container to the caller. */
  public MonitorStreams streams() {
    return streams;
  }

  /** Ports of the node at which the monitor listens for pods. */
  public PortForwarder forwards() {
    return forwards;
  }

  /**
   * @param action whenever another program is in the monitor's place, which has no ports yet; to be
   *     done quickly
   */
  public void whenReplaced(Runnable action) {
    supervisor.whenReplaced(action);
  }

  /** Opens the container's log by its name again. */
  public void reopenLog(String id) throws MonitorFailure {
    repeated(Request.newBuilder().setReopenLog(ReopenLogRequest.newBuilder().setContainerId(id)));
  }

  /** Has the monitor drop what it knows of an ended container; not known is success. */
  public void forget(String id) throws MonitorFailure {
    try {
      repeated(Request.newBuilder().setForget(ForgetRequest.newBuilder().setContainerId(id)));
    } catch (MonitorFailure e) {
      if (e.code() != FailureCode.FAILURE_CODE_NOT_FOUND) {
        throw e;
      }
    }
  }

  /** Why there is no monitor that answers at this moment; empty when there is. */
  public String notReadyReason() {
    try {
      connection(Duration.ZERO);
      return "";
    } catch (ServiceException.Unavailable e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** The monitor that runs, or ran last. */
  public MonitorInfo info() {
    MonitorInfo info = supervisor.info();
    if (info == null) {
      throw new ServiceException.Unavailable("the monitor conmon-j is not there");
    }
    return info;
  }

  /**
   * Puts another conmon-j in the monitor's place, in the same process; containers and calls under
   * way go on.
   *
   * @param program absolute path; empty for the one that would be started
   * @return the version before
   * @throws ServiceException.FailedPrecondition why the monitor goes on as it is
   */
  public String upgrade(String program) {
    String chosen = program.isEmpty() ? command.getFirst() : program;
    try {
      return once(
              Request.newBuilder().setUpgrade(UpgradeRequest.newBuilder().setProgram(chosen)),
              UPGRADE_CALL)
          .getUpgrade()
          .getFromVersion();
    } catch (MonitorFailure e) {
      throw new ServiceException.FailedPrecondition(
          "the monitor is not upgraded: " + e.getMessage(), e);
    }
  }

  /**
   * Ends the monitor, and with it this client.
   *
   * @throws ServiceException.FailedPrecondition when containers live
   */
  public void end() {
    // One whose start is under way first has to be there: nobody else would end it.
    MonitorConnection _ = connection(THERE_WITHIN);
    ProcessId process = ProcessId.find(info().pid());
    // Before it is asked: its end must not be seen as a death.
    supervisor.expectEnd(true);
    try {
      Reply _ =
          once(Request.newBuilder().setShutdown(ShutdownRequest.getDefaultInstance()), SHORT_CALL);
      awaitEnd(process);
      close();
    } catch (MonitorFailure e) {
      supervisor.expectEnd(false);
      throw new ServiceException.FailedPrecondition(
          "the monitor does not end: " + e.getMessage(), e);
    } catch (ServiceException e) {
      supervisor.expectEnd(false);
      throw e;
    }
  }

  private static void awaitEnd(@Nullable ProcessId process) {
    long deadline = System.nanoTime() + SHORT_CALL.toNanos();
    try {
      while (process != null && process.isAlive() && System.nanoTime() < deadline) {
        Thread.sleep(LOOK_AGAIN);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * What became of the output of all containers since the monitor's program began.
   *
   * @throws ServiceException.Unavailable when there is no monitor at this moment
   */
  public FiguresReply figures() throws MonitorFailure {
    MonitorConnection _ = connection(Duration.ZERO);
    return once(Request.newBuilder().setFigures(FiguresRequest.getDefaultInstance()), FIGURES_CALL)
        .getFigures();
  }

  /** All containers the monitor knows. */
  public List<ContainerState> list() throws MonitorFailure {
    return repeated(Request.newBuilder().setList(ListRequest.getDefaultInstance()))
        .getList()
        .getContainersList();
  }

  /**
   * Sends a signal to a container's first process.
   *
   * @param process the same, should nothing be kept of it
   * @return false when it has ended
   */
  public boolean signal(String id, ProcessId process, int signal) {
    return kept.signal(id, signal) || KeptDescriptors.signal(process, signal);
  }

  private Reply once(Request.Builder request, Duration timeout) throws MonitorFailure {
    MonitorConnection.Answer answer = onceForDescriptors(request, timeout);
    answer.close();
    return answer.reply();
  }

  MonitorConnection.Answer onceForDescriptors(Request.Builder request, Duration timeout)
      throws MonitorFailure {
    try {
      return connection(THERE_WITHIN).callForDescriptors(request, List.of(), timeout);
    } catch (ConnectionLost e) {
      throw new ServiceException.Unavailable(
          "the monitor ended during " + request.getOpCase() + ": " + e.getMessage(), e);
    } catch (TimeoutException e) {
      throw new ServiceException.DeadlineExceeded(
          "the monitor did not answer " + request.getOpCase() + " within " + timeout, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  Reply repeated(Request.Builder request) throws MonitorFailure {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(request, SHORT_CALL);
      } catch (ServiceException.Unavailable e) {
        if (attempt == TRIES) {
          throw e;
        }
      }
    }
  }

  private MonitorConnection connection(Duration timeout) {
    try {
      MonitorConnection connection = supervisor.connection(timeout);
      if (connection == null) {
        String failure = supervisor.failure();
        throw new ServiceException.Unavailable(
            "the monitor conmon-j is not there" + (failure.isEmpty() ? "" : ": " + failure));
      }
      return connection;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static ServiceException.Unavailable interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ServiceException.Unavailable("interrupted while waiting for the monitor", e);
  }

  /** Leaves the monitor and all containers running. */
  @Override
  public void close() {
    supervisor.close();
    open.close();
    kept.close();
  }
}
