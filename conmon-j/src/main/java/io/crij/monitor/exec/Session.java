package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.Terminal;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.Signals;
import io.crij.monitor.loop.Timer;
import io.crij.monitor.loop.Watch;
import io.crij.monitor.v1.HandedSession;
import io.crij.monitor.v1.SessionEnded;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process whose streams a client moves itself: waited for here, hung up when its client is gone;
 * on the loop's thread.
 */
final class Session {
  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);
  private static final Duration LONGEST_GRACE = Duration.ofHours(1);
  private static final int UNKNOWN_CODE = 255;
  private static final String MONITOR_LOST = "MonitorLost";

  private final RunningProcess process;
  private final ExecParts parts;
  private final Consumer<Session> onOver;
  private final Watch endWatch;

  private @Nullable Fd master;
  private @Nullable DrainedTerminal drained;
  private @Nullable SessionOwner owner;
  private @Nullable SessionEnded ended;
  private @Nullable Timer grace;
  private boolean hangingUp;
  private boolean awaitsOwner;
  private boolean over;

  /**
   * Begins to wait for its end.
   *
   * @param master of its terminal; owned from now on
   * @param owner told of its end; null if none has come yet
   * @param onOver told once there is nothing more to do with it
   */
  Session(
      RunningProcess process,
      @Nullable Fd master,
      @Nullable SessionOwner owner,
      ExecParts parts,
      Consumer<Session> onOver) {
    this.process = process;
    this.master = master;
    this.owner = owner;
    this.awaitsOwner = owner == null;
    this.parts = parts;
    this.onOver = onOver;
    this.endWatch = parts.loop().watch(process.pidfd().fd(), Epoll.IN, _ -> processEnded());
  }

  String id() {
    return process.record().getName();
  }

  /** Goes on where the program before stopped. */
  void resume(HandedSession handed) {
    awaitsOwner = handed.getAwaitsOwner();
    if (handed.getDrained()) {
      drain();
    }
    if (handed.hasEnded()) {
      ended = handed.getEnded();
      endWatch.close();
    }
    if (handed.getHangingUp()) {
      hangingUp = true;
      grace = parts.loop().at(handed.getKillAtNanos(), this::killAll);
      if (ended != null) {
        parts.clean(this::lookForOthers);
      }
    }
  }

  /** All of it, for the next program in this process. */
  HandedSession handOver() {
    HandedSession.Builder handed =
        HandedSession.newBuilder()
            .setRecord(process.record())
            .setPidfd(process.pidfd().fd().number())
            .setAwaitsOwner(awaitsOwner)
            .setHangingUp(hangingUp)
            .setDrained(drained != null);
    Fd terminal = drained == null ? master : drained.master();
    if (terminal != null) {
      handed.setMaster(terminal.number());
    }
    if (owner != null) {
      handed.setClient(owner.connection());
    }
    if (grace != null) {
      handed.setKillAtNanos(grace.deadlineNanos());
    }
    if (ended != null) {
      handed.setEnded(ended);
    }
    return handed.build();
  }

  /** Another connection asks for it: this one is told of its end, now or later. */
  void resume(SessionOwner newOwner, @Nullable Fd newMaster) {
    owner = newOwner;
    awaitsOwner = false;
    if (master == null) {
      master = newMaster;
    } else if (newMaster != null) {
      newMaster.close();
    }
    SessionEnded end = ended;
    if (end != null) {
      newOwner.ended(end);
      finish();
    }
  }

  /** Its connection has ended, if that is still this one. */
  void ownerGone(SessionOwner gone) {
    if (gone.equals(owner)) {
      owner = null;
      unowned();
    }
  }

  /** Nobody has asked for it since it was taken over. */
  void giveUpOwner() {
    if (awaitsOwner) {
      awaitsOwner = false;
      unowned();
    }
  }

  private void unowned() {
    if (ended != null) {
      finish();
    } else if (!process.record().getKeep()) {
      hangUp(false);
    } else {
      drain();
    }
  }

  /** Nobody reads its terminal any more, and the process is not to wait for that. */
  private void drain() {
    if (master != null) {
      drained = new DrainedTerminal(master, parts.loop());
      master = null;
    }
  }

  /** Ends it: SIGHUP, and after a grace SIGKILL to all that is left, or that at once. */
  void hangUp(boolean atOnce) {
    if (over || (ended != null && !hangingUp)) {
      return;
    }
    boolean first = !hangingUp;
    hangingUp = true;
    if (atOnce) {
      killAll();
    } else if (first) {
      process.pidfd().signal(Signals.SIGHUP);
      // The kernel tells what is in the foreground, once no other has the master.
      closeMaster();
      grace = parts.loop().after(graceTime(), this::killAll);
    }
  }

  private Duration graceTime() {
    long millis = process.record().getHangupGraceMillis();
    Duration wanted = millis > 0 ? Duration.ofMillis(millis) : DEFAULT_GRACE;
    return wanted.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : wanted;
  }

  private void killAll() {
    if (grace != null) {
      grace.cancel();
    }
    parts.clean(() -> {
      process.killAll();
      parts.loop().execute(this::killed);
    });
  }

  private void killed() {
    hangingUp = false;
    finish();
  }

  private void processEnded() {
    if (!process.pidfd().hasEnded()) {
      return;
    }
    ExitStatus status = process.takeStatus();
    endWatch.close();
    parts.children().reaped(process.id().pid());
    SessionEnded.Builder end = SessionEnded.newBuilder().setSessionId(id());
    if (status == null) {
      end.setExitCode(UNKNOWN_CODE).setReason(MONITOR_LOST);
    } else {
      end.setExitCode(status.shellCode()).setSignal(status.signal());
    }
    ended = end.build();
    closeMaster();
    if (owner != null) {
      owner.ended(ended);
    }
    if (hangingUp) {
      parts.clean(this::lookForOthers);
    } else {
      finish();
    }
  }

  /** What it has started and left has the rest of the grace, too. */
  private void lookForOthers() {
    if (!process.hasOthers()) {
      parts.loop().execute(this::killed);
    }
  }

  /** Once it has ended, nothing more is to be killed, and nobody is still to be told. */
  private void finish() {
    if (!over && ended != null && !hangingUp && !awaitsOwner) {
      over = true;
      if (grace != null) {
        grace.cancel();
      }
      parts.clean(process::close);
      onOver.accept(this);
    }
  }

  private void closeMaster() {
    if (master != null) {
      master.close();
      master = null;
    }
    if (drained != null) {
      drained.close();
      drained = null;
    }
  }

  /** Sets the size of its terminal. */
  void resize(int rows, int columns) {
    Fd terminal = master;
    if (terminal == null) {
      throw new IllegalArgumentException("session " + id() + " has no terminal");
    }
    Terminal.resize(terminal, rows, columns);
  }
}
