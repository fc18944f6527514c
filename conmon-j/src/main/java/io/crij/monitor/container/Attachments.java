package io.crij.monitor.container;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.monitor.attach.Attachment;
import io.crij.monitor.attach.StreamTap;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.DetachReason;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.HandedAttachment;
import io.crij.monitor.v1.HandedTap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who is attached to which container; on the loop's thread. */
public final class Attachments {
  private static final List<FdKind> OUTPUTS =
      List.of(FdKind.FD_KIND_TTY, FdKind.FD_KIND_STDOUT, FdKind.FD_KIND_STDERR);

  /** The client of an attachment. */
  public interface Owner {
    /** It has ended, without being asked to. */
    void ended(DetachReason reason);

    /** It is over, in whatever way. */
    void over();

    /** From now on it is to be detached when its connection ends; perhaps it has already. */
    void owns();

    /** The number of its connection's descriptor; 0 once that has ended. */
    int connection();
  }

  private record Attached(
      Attachment attachment, Container container, boolean hasStdin, Owner owner) {}

  private final Containers containers;
  private final Map<String, Attached> attached = new HashMap<>();

  public Attachments(Containers containers) {
    this.containers = containers;
  }

  /**
   * What a client gets; the descriptors are the caller's.
   *
   * @param kinds of each descriptor
   */
  public record Streams(List<FdKind> kinds, List<Fd> descriptors) {
    private void add(FdKind kind, Fd fd) {
      kinds.add(kind);
      descriptors.add(fd);
    }
  }

  /** Whether an attachment of this name exists. */
  public boolean contains(String id) {
    return attached.containsKey(id);
  }

  /**
   * Attaches a client to a container that lives.
   *
   * @throws LinuxException nothing is attached then
   */
  public Streams attach(Container container, AttachRequest request, Owner owner) {
    String id = request.getAttachmentId();
    Attachment attachment = attachment(id, owner);
    Streams streams = new Streams(new ArrayList<>(), new ArrayList<>());
    try {
      boolean hasStdin = request.getStdin() && addInput(container, streams);
      addOutputs(container, request, attachment, streams);
      add(id, new Attached(attachment, container, hasStdin, owner));
      return streams;
    } catch (LinuxException e) {
      attachment.close();
      streams.descriptors().forEach(Fd::close);
      throw e;
    }
  }

  private Attachment attachment(String id, Owner owner) {
    return new Attachment(reason -> {
      detach(id);
      owner.ended(reason);
    });
  }

  private void add(String id, Attached client) {
    attached.put(id, client);
    if (client.hasStdin()) {
      containers.stdinAttached(client.container());
    }
  }

  /** All of them, for the next program in this process. */
  public List<HandedAttachment> handOver() {
    List<HandedAttachment> all = new ArrayList<>();
    attached.forEach((id, client) -> {
      HandedAttachment.Builder handed =
          HandedAttachment.newBuilder()
              .setAttachmentId(id)
              .setContainerId(client.container().id())
              .setClient(client.owner().connection())
              .setStdin(client.hasStdin());
      for (FdKind kind : OUTPUTS) {
        StreamTap tap = client.container().tap(kind);
        int number = tap == null ? 0 : client.attachment().number(tap);
        if (tap != null && number != 0) {
          handed.addTaps(
              HandedTap.newBuilder()
                  .setKind(kind)
                  .setNumber(number)
                  .setPassedOnBytes(tap.passedOnBytes()));
        }
      }
      all.add(handed.build());
    });
    return all;
  }

  /** Goes on with one of the program before in this process. */
  public void resume(HandedAttachment handed, Owner owner) {
    String id = handed.getAttachmentId();
    Container container = containers.find(handed.getContainerId());
    Attachment attachment = attachment(id, owner);
    for (HandedTap handedTap : handed.getTapsList()) {
      Fd write = Fd.owning(handedTap.getNumber());
      StreamTap tap = container == null ? null : container.tap(handedTap.getKind());
      if (tap == null) {
        write.close();
      } else {
        attachment.resume(tap, write, handedTap.getPassedOnBytes());
      }
    }
    if (container == null) {
      owner.ended(DetachReason.DETACH_REASON_ENDED);
    } else {
      add(id, new Attached(attachment, container, handed.getStdin(), owner));
      owner.owns();
    }
  }

  private static boolean addInput(Container container, Streams streams) {
    Fd input = container.input();
    if (input == null) {
      return false;
    }
    boolean terminal = container.record().getConfig().getTty();
    streams.add(terminal ? FdKind.FD_KIND_TTY : FdKind.FD_KIND_STDIN, Descriptors.duplicate(input));
    return true;
  }

  private static void addOutputs(
      Container container, AttachRequest request, Attachment attachment, Streams streams) {
    boolean terminal = container.record().getConfig().getTty();
    if (request.getStdout()) {
      StreamTap tap = container.tap(terminal ? FdKind.FD_KIND_TTY : FdKind.FD_KIND_STDOUT);
      addOutput(FdKind.FD_KIND_STDOUT, tap, attachment, streams);
    }
    if (request.getStderr() && !terminal) {
      addOutput(FdKind.FD_KIND_STDERR, container.tap(FdKind.FD_KIND_STDERR), attachment, streams);
    }
  }

  private static void addOutput(
      FdKind kind, @Nullable StreamTap tap, Attachment attachment, Streams streams) {
    if (tap != null) {
      streams.add(kind, attachment.read(tap));
    }
  }

  /** Ends an attachment; with stdin_once, and if it had stdin, closes the container's. */
  public void detach(String id) {
    Attached gone = attached.remove(id);
    if (gone != null) {
      gone.attachment().close();
      gone.owner().over();
      if (gone.hasStdin()) {
        containers.stdinDetached(gone.container());
      }
    }
  }
}
