package io.crij.server;

import io.crij.image.ImageException;
import io.crij.image.service.ImageService;
import io.crij.linux.LinuxException;
import io.crij.linux.process.OpenFileLimit;
import io.crij.linux.systemd.Systemd;
import io.crij.records.RecordsException;
import io.crij.runtime.ServiceException;
import io.crij.runtime.service.RuntimeService;
import io.crij.server.build.Build;
import io.crij.server.config.ServerConfig;
import io.crij.server.jvm.HeapTrim;
import io.crij.server.jvm.WarmUp;
import io.crij.server.log.LogSetup;
import io.crij.server.metrics.Meters;
import io.crij.server.metrics.MetricsServer;
import io.crij.server.metrics.ProcessMeters;
import io.crij.server.rpc.GrpcServers;
import io.crij.server.rpc.Readiness;
import io.crij.server.streaming.StreamingServer;
import io.micronaut.context.BeanContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running crijd, from its locks to its end.
 *
 * <p>Order of the start: directories and locks, sockets (calls are UNAVAILABLE), services with
 * their recovery, then calls pass. The end is the reverse, and containers run on.
 */
final class Instance {
  private static final Logger log = LoggerFactory.getLogger(Instance.class);

  /** For calls under way at SIGTERM; what is cut off is undone or found again by recovery. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  /** After it the process ends whatever still hangs: every state on disk is one to start from. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(8);

  /** Each container costs a few descriptors, kept for the day the monitor dies. */
  private static final long OPEN_FILES = 1 << 16;

  /** For a service manager that has no time to listen. */
  private static final Duration TELL_LIMIT = Duration.ofSeconds(10);

  private final ServerConfig config;
  private final Reload reload;
  private final BeanContext beans = BeanContext.build();
  private final Systemd manager = Systemd.of(System.getenv());
  private volatile @Nullable MetricsServer metrics;
  private volatile @Nullable RuntimeService runtime;

  Instance(ServerConfig config, Reload reload) {
    this.config = config;
    this.reload = reload;
  }

  /**
   * Serves until SIGTERM or SIGINT, which end the process with status 0; this method does not
   * return then.
   *
   * @throws StartException if the start failed
   */
  void serve() {
    OpenFileLimit.raise(OPEN_FILES);
    Directories.prepare(config.runroot(), "rwx--x--x");
    Directories.prepare(config.root(), "rwx------");
    Directories.prepare(config.imageStore(), "rwx------");
    boolean ownImageStore = !config.imageStore().equals(config.root());
    try (InstanceLock _ = InstanceLock.take(config.runroot());
        InstanceLock _ = InstanceLock.take(config.root());
        InstanceLock _ = ownImageStore ? InstanceLock.take(config.imageStore()) : null) {
      beans.registerSingleton(config);
      beans.start();
      Thread hook = new Thread(this::stopAndHalt, "stop");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        start();
      } catch (IOException | RuntimeException e) {
        log.debug("start failed", e);
        abandonStart(hook);
        throw new StartException("start failed: " + reason(e), e);
      }
      new CountDownLatch(1).await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void start() throws IOException {
    log.info(
        "crijd {} starts: root {}, runroot {}", Build.VERSION, config.root(), config.runroot());
    beans.getBean(GrpcServers.class).start();
    runtime = beans.getBean(RuntimeService.class);
    beans.getBean(StreamingServer.class);
    if (beans.getBean(Meters.class) instanceof Meters.Served served) {
      RuntimeService service = beans.getBean(RuntimeService.class);
      new ProcessMeters(() -> service.monitor().pid()).bindTo(served.registry());
      metrics = new MetricsServer(config.metrics(), served);
      metrics.start();
    }
    beans.getBean(Readiness.class).ready();
    reload.open(this::apply);
    startHeartbeat();
    new WarmUp(config.listen()).start();
    new HeapTrim().start();
    Instant began = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    log.info(
        "ready on unix://{} after {} ms",
        config.listen(),
        Duration.between(began, Instant.now()).toMillis());
  }

  private void apply(ServerConfig changed) {
    LogSetup.apply(changed.log());
    beans.getBean(ImageService.class).apply(changed.images());
    beans.getBean(RuntimeService.class).apply(changed.runtime());
  }

  /**
   * On a virtual thread, as calls that may wait are: where those do not get on, nobody says that
   * crijd lives, and the service manager starts it again.
   */
  private void startHeartbeat() {
    manager.ready("serving the CRI on unix://" + config.listen());
    manager.flush(TELL_LIMIT);
    Duration interval = manager.watchdogInterval();
    if (interval != null) {
      Thread.ofVirtual().name("heartbeat").start(() -> beat(interval));
    }
  }

  private void beat(Duration interval) {
    try {
      while (true) {
        manager.alive();
        Thread.sleep(interval);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void abandonStart(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // SIGTERM came first, and the hook stops what was started.
      return;
    }
    stop();
  }

  /** A message of ours tells all; of others the kind is needed too. */
  private static String reason(Exception e) {
    return switch (e) {
      case ServiceException _, ImageException _, LinuxException _, RecordsException _ ->
          String.valueOf(e.getMessage());
      default -> e.toString();
    };
  }

  private void stop() {
    MetricsServer served = metrics;
    if (served != null) {
      served.stop();
    }
    RuntimeService events = runtime;
    if (events != null) {
      // They would go on for as long as calls under way are waited for.
      events.endContainerEvents();
    }
    beans.getBean(GrpcServers.class).stop(GRACE);
    beans.close();
  }

  /** The JVM would end with 128 + signal; the contract is 0. */
  private void stopAndHalt() {
    log.info("crijd stops; containers run on");
    manager.stopping();
    Thread stopping = Thread.ofPlatform().daemon().name("stopping").start(this::stop);
    try {
      if (!stopping.join(STOP_LIMIT)) {
        log.warn("not everything stopped within {} s", STOP_LIMIT.toSeconds());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    LogSetup.end();
    Runtime.getRuntime().halt(0);
  }
}
