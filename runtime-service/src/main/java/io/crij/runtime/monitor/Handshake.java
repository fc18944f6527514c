package io.crij.runtime.monitor;

import io.crij.monitor.v1.AdoptRequest;
import io.crij.monitor.v1.AdoptionDoneRequest;
import io.crij.monitor.v1.HelloRequest;
import io.crij.monitor.v1.KeepRequest;
import io.crij.monitor.v1.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What we and a monitor tell each other first. */
final class Handshake {
  private static final Logger log = LoggerFactory.getLogger(Handshake.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Adoptions under way at a time: a round trip each would be most of what a take-over costs. */
  private static final int BATCH = 128;

  private final MonitorConnection connection;

  Handshake(MonitorConnection connection) {
    this.connection = connection;
  }

  /**
   * Asks a monitor who it is; also how to see whether it still answers.
   *
   * @throws TimeoutException when it does not say within {@code limit}
   */
  MonitorInfo hello(Duration limit)
      throws MonitorFailure, ConnectionLost, TimeoutException, InterruptedException {
    Request.Builder hello = Request.newBuilder().setHello(HelloRequest.getDefaultInstance());
    return MonitorInfo.of(connection.call(hello, List.of(), limit).getHello());
  }

  /** Gives a new monitor all that was kept for its predecessor, and says that this was all. */
  void handBack(List<KeptDescriptors.Container> containers)
      throws ConnectionLost, TimeoutException, InterruptedException {
    for (int from = 0; from < containers.size(); from += BATCH) {
      handBackBatch(containers.subList(from, Math.min(containers.size(), from + BATCH)));
    }
    try {
      connection.call(
          Request.newBuilder().setAdoptionDone(AdoptionDoneRequest.getDefaultInstance()),
          List.of(),
          LIMIT);
    } catch (MonitorFailure e) {
      log.warn("the monitor will wait for more descriptors: {}", e.getMessage());
    }
  }

  private void handBackBatch(List<KeptDescriptors.Container> containers)
      throws ConnectionLost, TimeoutException, InterruptedException {
    List<MonitorConnection.Call> calls = new ArrayList<>();
    for (KeptDescriptors.Container container : containers) {
      AdoptRequest.Builder adopt =
          AdoptRequest.newBuilder().setRecord(container.record()).addAllFds(container.kinds());
      calls.add(connection.begin(Request.newBuilder().setAdopt(adopt), container.descriptors()));
    }
    for (int i = 0; i < calls.size(); i++) {
      try {
        calls.get(i).await(LIMIT);
      } catch (MonitorFailure e) {
        // The others are given back all the same.
        log.error(
            "container {}: the monitor does not take it over: {}",
            containers.get(i).record().getConfig().getContainerId(),
            e.getMessage());
      }
    }
  }

  /** Has us become a keeper: from now on the monitor tells what happens. */
  void keep() throws MonitorFailure, ConnectionLost, TimeoutException, InterruptedException {
    connection.call(
        Request.newBuilder().setKeep(KeepRequest.getDefaultInstance()), List.of(), LIMIT);
  }
}
