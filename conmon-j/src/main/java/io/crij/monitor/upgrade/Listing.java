package io.crij.monitor.upgrade;

import com.google.protobuf.ByteString;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandedClient;
import io.crij.monitor.v1.HandedContainer;
import io.crij.monitor.v1.HandedDescriptor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Every descriptor that a hand-over names. */
final class Listing {
  private Listing() {}

  /** Their numbers. */
  static List<Integer> numbers(HandOver handOver) {
    List<Integer> numbers = new ArrayList<>(List.of(handOver.getLock(), handOver.getListener()));
    for (HandedContainer container : handOver.getContainersList()) {
      container.getDescriptorsList().forEach(d -> numbers.add(d.getNumber()));
    }
    handOver.getClientsList().forEach(c -> numbers.add(c.getNumber()));
    return numbers;
  }

  /** The digest of {@code HandOverProof}: equal for two programs that read the same. */
  static ByteString digest(HandOver handOver) {
    StringBuilder text = new StringBuilder();
    text.append("lock ").append(handOver.getLock()).append('\n');
    text.append("listener ").append(handOver.getListener()).append('\n');
    for (HandedContainer container : handOver.getContainersList()) {
      String id = container.getRecord().getConfig().getContainerId();
      for (HandedDescriptor descriptor : container.getDescriptorsList()) {
        text.append("container ").append(id).append(' ').append(descriptor.getKindValue());
        text.append(' ').append(descriptor.getNumber()).append('\n');
      }
    }
    for (HandedClient client : handOver.getClientsList()) {
      text.append("client ").append(client.getNumber()).append('\n');
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return ByteString.copyFrom(sha256.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("no SHA-256", e);
    }
  }
}
