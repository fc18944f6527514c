package io.crij.runtime.hostport;

import io.crij.runtime.ServiceException;
import io.crij.runtime.program.CommandLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's nft(8), which may be missing, or find no nftables in the kernel. */
final class Nft {
  private static final Logger log = LoggerFactory.getLogger(Nft.class);

  private static final List<String> PROGRAM_FOLDERS =
      List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin");
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Has all that our rules need of the kernel; nothing is made of it. */
  private static final String TRIAL =
      "table inet crij_trial { chain arriving { type nat hook prerouting priority -100;"
          + " fib daddr type local tcp dport 9 dnat ip to 192.0.2.9:9; }; }";

  private final @Nullable Path program;
  private final ReentrantLock trying = new ReentrantLock();
  private @Nullable Boolean works;

  /**
   * @param program null: there is none
   */
  Nft(@Nullable Path program) {
    this.program = program;
  }

  static Nft ofNode() {
    Optional<Path> found =
        PROGRAM_FOLDERS.stream()
            .map(folder -> Path.of(folder, "nft"))
            .filter(Files::isExecutable)
            .findFirst();
    return new Nft(found.orElse(null));
  }

  /** Whether addresses can be translated on this node: tried when it is asked first. */
  boolean works() {
    trying.lock();
    try {
      Boolean known = works;
      if (known == null) {
        known = isTried();
        works = known;
      }
      return known;
    } finally {
      trying.unlock();
    }
  }

  private boolean isTried() {
    if (program == null) {
      log.info("there is no nft(8): conmon-j forwards the ports of pods");
      return false;
    }
    CommandLine.Result trial =
        CommandLine.run(List.of(program.toString(), "--check", TRIAL), LIMIT);
    if (!trial.succeeded()) {
      log.warn("conmon-j forwards the ports of pods: nft: {}", trial.output().strip());
    }
    return trial.succeeded();
  }

  /**
   * Runs commands, in one transaction.
   *
   * @return what they list
   * @throws ServiceException.Internal with nft's own words
   */
  String run(String commands) {
    CommandLine.Result result = CommandLine.run(List.of(String.valueOf(program), commands), LIMIT);
    if (!result.succeeded()) {
      throw new ServiceException.Internal("nft: " + result.output().strip());
    }
    return result.output();
  }
}
