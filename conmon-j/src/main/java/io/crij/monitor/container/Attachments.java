package io.crij.monitor.container;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.monitor.attach.Attachment;
import io.crij.monitor.attach.StreamTap;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.DetachReason;
import io.crij.monitor.v1.FdKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who is attached to which container; on the loop's thread. */
public final class Attachments {
  /** The client of an attachment. */
  public interface Owner {
    /** It has ended, without being asked to. */
    void ended(DetachReason reason);

    /** It is over, in whatever way. */
    void over();
  }

  private record Attached(Attachment attachment, @Nullable Container stdinOf, Owner owner) {}

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
    Attachment attachment =
        new Attachment(reason -> {
          detach(id);
          owner.ended(reason);
        });
    Streams streams = new Streams(new ArrayList<>(), new ArrayList<>());
    try {
      boolean hasStdin = request.getStdin() && addInput(container, streams);
      addOutputs(container, request, attachment, streams);
      attached.put(id, new Attached(attachment, hasStdin ? container : null, owner));
      if (hasStdin) {
        containers.stdinAttached(container);
      }
      return streams;
    } catch (LinuxException e) {
      attachment.close();
      streams.descriptors().forEach(Fd::close);
      throw e;
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
      if (gone.stdinOf() != null) {
        containers.stdinDetached(gone.stdinOf());
      }
    }
  }
}
