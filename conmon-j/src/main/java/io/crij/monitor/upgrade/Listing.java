package io.crij.monitor.upgrade;

import com.google.protobuf.ByteString;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandedAttachment;
import io.crij.monitor.v1.HandedContainer;
import io.crij.monitor.v1.HandedExecSync;
import io.crij.monitor.v1.HandedOutput;
import io.crij.monitor.v1.HandedSession;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Every descriptor that a hand-over names. */
final class Listing {
  /** One of them, with what it is. */
  private record Entry(String what, int number) {}

  private Listing() {}

  /** Their numbers. */
  static List<Integer> numbers(HandOver handOver) {
    return entries(handOver).stream().map(Entry::number).toList();
  }

  private static List<Entry> entries(HandOver handOver) {
    List<Entry> all = new ArrayList<>();
    all.add(new Entry("lock", handOver.getLock()));
    all.add(new Entry("listener", handOver.getListener()));
    for (HandedContainer container : handOver.getContainersList()) {
      String name = "container " + container.getRecord().getConfig().getContainerId() + " ";
      container
          .getDescriptorsList()
          .forEach(d -> all.add(new Entry(name + d.getKindValue(), d.getNumber())));
    }
    handOver.getClientsList().forEach(c -> all.add(new Entry("client", c.getNumber())));
    addStreams(handOver, all);
    all.removeIf(entry -> entry.number() == 0);
    return all;
  }

  private static void addStreams(HandOver handOver, List<Entry> all) {
    for (HandedSession session : handOver.getSessionsList()) {
      String name = "session " + session.getRecord().getName();
      all.add(new Entry(name, session.getPidfd()));
      all.add(new Entry(name, session.getMaster()));
    }
    for (HandedExecSync exec : handOver.getExecSyncsList()) {
      String name = "sync " + exec.getRecord().getName();
      all.add(new Entry(name, exec.getPidfd()));
      for (HandedOutput output : exec.getOutputsList()) {
        all.add(new Entry(name, output.getPipe()));
        all.add(new Entry(name, output.getFile()));
      }
    }
    for (HandedAttachment attachment : handOver.getAttachmentsList()) {
      String name = "attachment " + attachment.getAttachmentId() + " ";
      attachment
          .getTapsList()
          .forEach(tap -> all.add(new Entry(name + tap.getKindValue(), tap.getNumber())));
    }
  }

  /** The digest of {@code HandOverProof}: equal for two programs that read the same. */
  static ByteString digest(HandOver handOver) {
    StringBuilder text = new StringBuilder();
    for (Entry entry : entries(handOver)) {
      text.append(entry.what()).append(' ').append(entry.number()).append('\n');
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return ByteString.copyFrom(sha256.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("no SHA-256", e);
    }
  }
}
