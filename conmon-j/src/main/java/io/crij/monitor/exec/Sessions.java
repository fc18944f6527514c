package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.ProcessTree;
import io.crij.monitor.cgroup.ProcessGroup;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.runtime.OciRuntimeCall;
import io.crij.monitor.v1.HandedSession;
import io.crij.monitor.v1.SessionRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All sessions of the node; on the loop's thread. */
public final class Sessions {
  /** How long a session of the last monitor waits for its client before it is hung up. */
  private static final Duration RESUME_TIME = Duration.ofSeconds(10);

  private final ExecParts parts;
  private final Map<String, Session> sessions = new HashMap<>();
  private final Set<String> starting = new HashSet<>();

  public Sessions(ExecParts parts) {
    this.parts = parts;
  }

  /** Claims a name for a session to be started; false if it is taken. */
  boolean claim(String id) {
    return !sessions.containsKey(id) && starting.add(id);
  }

  /** Gives a claimed name back: nothing was started. */
  void release(String id) {
    starting.remove(id);
  }

  /** Adds what was started under a claimed name. */
  void add(RunningProcess process, @Nullable Fd master, SessionOwner owner) {
    release(process.record().getName());
    add(new Session(process, master, owner, parts, this::over));
  }

  private void add(Session session) {
    sessions.put(session.id(), session);
  }

  private void over(Session session) {
    sessions.remove(session.id());
  }

  /**
   * Sets the size of a session's terminal.
   *
   * @return false if there is no such session
   */
  public boolean resize(String id, int rows, int columns) {
    Session session = sessions.get(id);
    if (session != null) {
      session.resize(rows, columns);
    }
    return session != null;
  }

  /** Hangs a session up, or kills it at once, if it is there. */
  public void end(String id, boolean atOnce) {
    Session session = sessions.get(id);
    if (session != null) {
      session.hangUp(atOnce);
    }
  }

  /** The connection of a session is gone. */
  public void ownerGone(String id, SessionOwner owner) {
    Session session = sessions.get(id);
    if (session != null) {
      session.ownerGone(owner);
    }
  }

  /** Whether there is a session of this name. */
  public boolean contains(String id) {
    return sessions.containsKey(id);
  }

  /**
   * Another connection asks for a session that is there.
   *
   * @param master of its terminal, if the client has it; owned from now on
   */
  public void resume(String id, SessionOwner owner, @Nullable Fd master) {
    Session session = sessions.get(id);
    if (session != null) {
      session.resume(owner, master);
    }
  }

  /** All of them, for the next program in this process. */
  public List<HandedSession> handOver() {
    return sessions.values().stream().map(Session::handOver).toList();
  }

  /**
   * Goes on with one of the program before in this process.
   *
   * @param owner null if it had none
   */
  public void resume(HandedSession handed, @Nullable SessionOwner owner) {
    RunningProcess process = parts.resume(handed.getRecord(), handed.getPidfd());
    Fd master = handed.getMaster() == 0 ? null : Fd.owning(handed.getMaster());
    if (!handed.hasEnded()) {
      parts.children().claim(process.id().pid());
    }
    Session session = new Session(process, master, owner, parts, this::over);
    add(session);
    session.resume(handed);
    if (owner != null) {
      owner.owns();
    }
  }

  /**
   * Goes on with what the last monitor has left: waits for what runs, kills what was under way and
   * what has lost the readers of its output, and lets go of what has ended.
   *
   * @param known names of what goes on already
   */
  public void takeOver(Set<String> known) {
    for (SessionRecord record : parts.files().read()) {
      try {
        if (!known.contains(record.getName())) {
          takeOver(record);
        }
      } catch (RuntimeException e) {
        StderrLog.failure("exec " + record.getName() + " cannot be taken over", e);
      }
    }
    parts
        .loop()
        .after(RESUME_TIME, () -> List.copyOf(sessions.values()).forEach(Session::giveUpOwner));
  }

  private void takeOver(SessionRecord record) {
    ProcessGroup group = ExecParts.groupOf(record);
    Pidfd pidfd = record.getPid() == 0 ? null : pidfd(record);
    if (pidfd != null && !record.getSync()) {
      parts.children().claim(record.getPid());
      add(
          new Session(
              new RunningProcess(record, pidfd, group, parts.files()),
              null,
              null,
              parts,
              this::over));
      return;
    }
    boolean hadEnded = record.getPid() != 0 && pidfd == null;
    if (pidfd != null) {
      pidfd.close();
    }
    parts.clean(() -> {
      if (hadEnded && group != null) {
        // What it has left running belongs to the container.
        group.release();
      }
      clear(record, group);
    });
  }

  private static @Nullable Pidfd pidfd(SessionRecord record) {
    Pidfd pidfd = Pidfd.open(new ProcessId(record.getPid(), record.getStartTimeTicks()));
    if (pidfd != null && pidfd.inode() != record.getPidfdInode()) {
      pidfd.close();
      return null;
    }
    return pidfd;
  }

  private void clear(SessionRecord record, @Nullable ProcessGroup group) {
    String pidFile = parts.files().pidFile(record.getName()).toString();
    ProcessTree.withOption(OciRuntimeCall.PID_FILE, pidFile).forEach(ProcessTree::kill);
    if (group != null) {
      group.kill();
    }
    if (record.getPid() != 0) {
      ProcessTree.kill(new ProcessId(record.getPid(), record.getStartTimeTicks()));
    }
    parts.files().deleteCallFiles(record.getName());
    parts.files().delete(record.getName());
  }
}
