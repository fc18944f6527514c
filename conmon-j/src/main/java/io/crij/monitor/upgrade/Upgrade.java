package io.crij.monitor.upgrade;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.exec.Execve;
import io.crij.linux.exec.SealedFile;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandOverProof;
import io.crij.monitor.v1.UpgradeRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts another program in the monitor's place: it proves itself, the monitor comes to rest, and
 * then is that program. On the loop's thread, but for the proof. Until the last step, any failure
 * leaves the monitor as it was.
 */
public final class Upgrade {
  private static final Duration DEFAULT_PROOF = Duration.ofSeconds(30);
  private static final Duration DEFAULT_REST = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  private final EventLoop loop;
  private final Proof proof;
  private final RunningMonitor monitor;
  private boolean underWay;

  /**
   * @param runroot given to the new program
   */
  public Upgrade(EventLoop loop, Children children, Path runroot, RunningMonitor monitor) {
    this.loop = loop;
    this.proof = new Proof(children, runroot);
    this.monitor = monitor;
  }

  /** Told when there is no upgrade; who asked gets its answer from the new program otherwise. */
  public interface Refusal {
    void refused(FailureCode code, String message);
  }

  /** Begins one. */
  public void begin(UpgradeRequest request, Refusal refusal) {
    if (underWay) {
      refusal.refused(FailureCode.FAILURE_CODE_ALREADY_EXISTS, "an upgrade is under way");
      return;
    }
    underWay = true;
    HandOver handOver = monitor.handOver();
    Thread.ofPlatform().name("proof").daemon().start(() -> prove(request, handOver, refusal));
  }

  private void prove(UpgradeRequest request, HandOver handOver, Refusal refusal) {
    try {
      HandOverProof proved =
          proof.of(request.getProgram(), handOver, limit(request.getProofMillis(), DEFAULT_PROOF));
      StderrLog.info(request.getProgram() + ", version " + proved.getVersion() + ", can take over");
      loop.execute(() -> comeToRest(request, proved, refusal));
    } catch (UpgradeRefused | RuntimeException e) {
      String reason = String.valueOf(e.getMessage());
      loop.execute(() -> refuse(refusal, FailureCode.FAILURE_CODE_INVALID, reason));
    }
  }

  private static Duration limit(long millis, Duration otherwise) {
    return millis > 0 ? Duration.ofMillis(millis) : otherwise;
  }

  private void comeToRest(UpgradeRequest request, HandOverProof proved, Refusal refusal) {
    monitor.pause();
    Duration limit = limit(request.getRestMillis(), DEFAULT_REST);
    goOnceAtRest(proved, System.nanoTime() + limit.toNanos(), refusal);
  }

  private void goOnceAtRest(HandOverProof proved, long deadline, Refusal refusal) {
    if (loop.isStopped()) {
      return;
    }
    if (monitor.isAtRest()) {
      String failure = become(proved);
      monitor.resume();
      refuse(refusal, FailureCode.FAILURE_CODE_INTERNAL, failure);
    } else if (System.nanoTime() > deadline) {
      monitor.resume();
      refuse(
          refusal,
          FailureCode.FAILURE_CODE_TIMED_OUT,
          "the monitor has not come to rest: calls of the OCI runtime are under way, a log waits for"
              + " its disk, or a client does not read what it has asked for");
    } else {
      loop.after(LOOK_AGAIN, () -> goOnceAtRest(proved, deadline, refusal));
    }
  }

  /** Does not return if it succeeds. */
  private String become(HandOverProof proved) {
    HandOver handOver = monitor.handOver();
    try (Fd file = SealedFile.of("conmon-j hand-over", handOver.toByteArray())) {
      List<Integer> given = new ArrayList<>(Listing.numbers(handOver));
      given.add(file.number());
      monitor.leaving();
      byte[] environment = Environment.forSuccessor(file.number());
      return String.valueOf(
          Execve.become(proved.getArguments().toByteArray(), environment, given).getMessage());
    } catch (IOException | LinuxException | UncheckedIOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private void refuse(Refusal refusal, FailureCode code, String message) {
    underWay = false;
    StderrLog.info("no upgrade: " + message);
    refusal.refused(code, message);
  }
}
