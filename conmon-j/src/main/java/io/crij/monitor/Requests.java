package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.monitor.container.Container;
import io.crij.monitor.container.Containers;
import io.crij.monitor.container.Create;
import io.crij.monitor.container.HeldDescriptors;
import io.crij.monitor.exec.ExecSync;
import io.crij.monitor.figures.LogFigures;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.upgrade.Upgrade;
import io.crij.monitor.v1.AdoptReply;
import io.crij.monitor.v1.AdoptRequest;
import io.crij.monitor.v1.AdoptionDoneReply;
import io.crij.monitor.v1.ContainerState;
import io.crij.monitor.v1.CreateReply;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.ForgetReply;
import io.crij.monitor.v1.ForgetRequest;
import io.crij.monitor.v1.KeepReply;
import io.crij.monitor.v1.ListReply;
import io.crij.monitor.v1.ReopenLogReply;
import io.crij.monitor.v1.ReopenLogRequest;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.ShutdownReply;
import io.crij.monitor.v1.ShutdownRequest;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;

/** What clients ask for, on the loop's thread; what takes long is given to the workers. */
final class Requests {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  private final Parts parts;
  private final Create create;
  private final ExecSync execSync;
  private final StreamRequests streams;
  private final Upgrade upgrade;
  private int unanswered;

  /** What requests work on. */
  record Parts(
      Identity identity,
      Containers containers,
      Keepers keepers,
      EventLoop loop,
      Executor workers,
      ForwardRequests forwards,
      LogFigures figures) {}

  Requests(Parts parts, Create create, ExecSync execSync, StreamRequests streams, Upgrade upgrade) {
    this.parts = parts;
    this.create = create;
    this.execSync = execSync;
    this.streams = streams;
    this.upgrade = upgrade;
  }

  /** Whether any was not answered yet; upgrades do not count. */
  boolean areUnderWay() {
    return unanswered > 0;
  }

  /**
   * Does what a client asks for, and replies now or later.
   *
   * @param descriptors came with the request; owned from now on
   */
  void handle(Request request, List<Fd> descriptors, ClientConnection client) {
    long id = request.getId();
    Runnable onAnswer = () -> client.upgradeRequests().remove(id);
    if (!request.hasUpgrade()) {
      unanswered++;
      onAnswer = () -> unanswered--;
    }
    Answer answer = new Answer(id, client, onAnswer);
    HeldDescriptors held = HeldDescriptors.of(kinds(request), descriptors);
    try (held) {
      switch (request.getOpCase()) {
        case HELLO -> hello(answer);
        case KEEP -> keep(answer, client);
        case ADOPT -> adopt(request.getAdopt(), held, answer);
        case ADOPTION_DONE -> adoptionDone(answer);
        case LIST -> list(answer);
        case CREATE -> create(request.getCreate(), answer);
        case EXEC_SYNC -> execSync(request, answer);
        case REOPEN_LOG -> reopenLog(request.getReopenLog(), answer);
        case FORGET -> forget(request.getForget(), answer);
        case SHUTDOWN -> shutdown(request.getShutdown(), answer);
        case EXEC -> streams.exec(request.getExec(), answer);
        case RESIZE -> streams.resize(request.getResize(), answer);
        case END_SESSION -> streams.endSession(request.getEndSession(), answer);
        case RESUME_SESSION -> streams.resumeSession(request.getResumeSession(), held, answer);
        case ATTACH -> streams.attach(request.getAttach(), answer);
        case DETACH -> streams.detach(request.getDetach(), answer);
        case CLOSE_STDIN -> streams.closeStdin(request.getCloseStdin(), answer);
        case FORWARD -> parts.forwards().forward(request.getForward(), answer);
        case LIST_FORWARDS -> parts.forwards().list(answer);
        case FIGURES -> answer.with(Reply.newBuilder().setFigures(parts.figures().reply()));
        case UPGRADE -> upgrade(request, answer, client);
        case OP_NOT_SET ->
            answer.failure(FailureCode.FAILURE_CODE_INVALID, "not a request this monitor knows");
      }
    } catch (IllegalArgumentException e) {
      answer.failure(FailureCode.FAILURE_CODE_INVALID, String.valueOf(e.getMessage()));
    } catch (LinuxException | UncheckedIOException e) {
      answer.failed(e);
    } catch (RejectedExecutionException e) {
      answer.failure(FailureCode.FAILURE_CODE_BUSY, String.valueOf(e.getMessage()));
    }
  }

  private static List<FdKind> kinds(Request request) {
    if (request.hasAdopt()) {
      return request.getAdopt().getFdsList();
    }
    return request.hasResumeSession() ? request.getResumeSession().getFdsList() : List.of();
  }

  private void hello(Answer answer) {
    answer.with(Reply.newBuilder().setHello(parts.identity().hello()));
  }

  private void keep(Answer answer, ClientConnection client) {
    answer.with(Reply.newBuilder().setKeep(KeepReply.getDefaultInstance()));
    parts.keepers().add(client, parts.containers().all());
  }

  private void adopt(AdoptRequest request, HeldDescriptors held, Answer answer) {
    requireId(request.getRecord().getConfig().getContainerId());
    parts.containers().adopt(request.getRecord(), held);
    answer.with(Reply.newBuilder().setAdopt(AdoptReply.getDefaultInstance()));
  }

  private void adoptionDone(Answer answer) {
    parts.containers().endAdoption();
    answer.with(Reply.newBuilder().setAdoptionDone(AdoptionDoneReply.getDefaultInstance()));
  }

  private void list(Answer answer) {
    ListReply.Builder list = ListReply.newBuilder();
    for (Container container : parts.containers().all()) {
      ContainerState.Builder state = ContainerState.newBuilder().setRecord(container.record());
      Exited exited = container.exited();
      if (exited != null) {
        state.setExited(exited);
      }
      list.addContainers(state);
    }
    answer.with(Reply.newBuilder().setList(list));
  }

  private void create(CreateRequest request, Answer answer) {
    String id = request.getContainerId();
    requireId(id);
    requireAbsolute("bundle", request.getBundle());
    requireAbsolute("path of the OCI runtime", request.getRuntime().getPath());
    if (!request.getLog().getPath().isEmpty()) {
      requireAbsolute("log path", request.getLog().getPath());
    }
    if (!parts.containers().claim(id)) {
      answer.failure(FailureCode.FAILURE_CODE_ALREADY_EXISTS, "container " + id + " exists");
      return;
    }
    try {
      parts.workers().execute(() -> createNow(request, answer));
    } catch (RejectedExecutionException e) {
      parts.containers().release(id);
      throw e;
    }
  }

  private void createNow(CreateRequest request, Answer answer) {
    try {
      Create.Created created = create.create(request);
      parts.loop().execute(() -> created(created, answer));
    } catch (OciRuntimeFailure e) {
      parts.loop().execute(() -> notCreated(request, () -> answer.failed(e)));
    } catch (RuntimeException e) {
      parts.loop().execute(() -> notCreated(request, () -> answer.failed(e)));
    }
  }

  private void created(Create.Created created, Answer answer) {
    parts.containers().add(created);
    CreateReply.Builder reply = CreateReply.newBuilder().setRecord(created.record());
    answer.with(Reply.newBuilder().setCreate(reply));
  }

  private void notCreated(CreateRequest request, Runnable reply) {
    parts.containers().release(request.getContainerId());
    reply.run();
  }

  private void execSync(Request request, Answer answer) {
    ExecSyncRequest exec = request.getExecSync();
    Container container = parts.containers().find(exec.getContainerId());
    if (container == null) {
      answer.failure(FailureCode.FAILURE_CODE_NOT_FOUND, unknown(exec.getContainerId()));
    } else if (container.exited() != null) {
      answer.failure(FailureCode.FAILURE_CODE_EXITED, "container " + container.id() + " has ended");
    } else {
      execSync.exec(request.getId(), container.record(), exec, answer);
    }
  }

  private void reopenLog(ReopenLogRequest request, Answer answer) {
    Container container = parts.containers().find(request.getContainerId());
    if (container == null) {
      answer.failure(FailureCode.FAILURE_CODE_NOT_FOUND, unknown(request.getContainerId()));
      return;
    }
    container.reopenLog();
    answer.with(Reply.newBuilder().setReopenLog(ReopenLogReply.getDefaultInstance()));
  }

  private void forget(ForgetRequest request, Answer answer) {
    requireId(request.getContainerId());
    // Who asks may have died since it had the container created: what comes of that is not to be
    // left behind.
    parts.containers().afterCreation(request.getContainerId(), () -> forgetNow(request, answer));
  }

  private void forgetNow(ForgetRequest request, Answer answer) {
    try {
      if (parts.containers().forget(request.getContainerId())) {
        answer.with(Reply.newBuilder().setForget(ForgetReply.getDefaultInstance()));
      } else {
        answer.failure(
            FailureCode.FAILURE_CODE_INVALID, "container " + request.getContainerId() + " lives");
      }
    } catch (UncheckedIOException e) {
      answer.failed(e);
    }
  }

  private void shutdown(ShutdownRequest request, Answer answer) {
    if (parts.containers().anyLiving() && !request.getForce()) {
      answer.failure(FailureCode.FAILURE_CODE_INVALID, "containers live");
      return;
    }
    answer.with(Reply.newBuilder().setShutdown(ShutdownReply.getDefaultInstance()));
    parts.loop().stop();
  }

  private void upgrade(Request request, Answer answer, ClientConnection client) {
    requireAbsolute("program", request.getUpgrade().getProgram());
    client.upgradeRequests().add(request.getId());
    upgrade.begin(request.getUpgrade(), answer::failure);
  }

  static String unknown(String containerId) {
    return "no container " + containerId;
  }

  // Ids become file names.
  static void requireId(String containerId) {
    if (!ID.matcher(containerId).matches()) {
      throw new IllegalArgumentException("not an id: " + containerId);
    }
  }

  private static void requireAbsolute(String what, String path) {
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + " is not absolute: " + path);
    }
  }
}
