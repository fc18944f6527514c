package io.crij.linux.testing;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Fails a test that leaves anything behind, and gives it a {@link PrivateRoot} to work in. The
 * package's description says what is looked at.
 */
public final class LeavesNoTrace
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  /** What is known of a test while it runs. */
  private record Watch(Scope scope, Snapshot before, Set<Long> processes) {}

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    Scope scope = Scope.of(PrivateRoot.create());
    Watch watch = new Watch(scope, Snapshot.take(scope), Processes.living(scope));
    store(context).put(Watch.class, watch);
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    Watch watch = watch(context);
    Set<Trace> left = waitUntilGone(watch);
    tidy(watch);
    if (!left.isEmpty()) {
      throw new AssertionError(
          left.stream()
              .map(Trace::toString)
              .collect(Collectors.joining("\n  ", "The test left behind:\n  ", "")));
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == PrivateRoot.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return watch(context).scope().home();
  }

  private static Set<Trace> waitUntilGone(Watch watch) throws InterruptedException {
    Instant deadline = Instant.now().plus(GRACE);
    while (true) {
      Set<Trace> left = Snapshot.take(watch.scope()).since(watch.before());
      if (left.isEmpty() || Instant.now().isAfter(deadline)) {
        return left;
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private static void tidy(Watch watch) {
    for (long pid : Processes.living(watch.scope())) {
      if (!watch.processes().contains(pid)) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
    PrivateRoot home = watch.scope().home();
    for (String point : Mounts.below(home.path())) {
      Proc.output("umount", "--lazy", point);
    }
    // What is mounted here may belong to the host: it is never walked into.
    if (Mounts.below(home.path()).isEmpty()) {
      LeftFiles.delete(home.path());
    }
  }

  private static Watch watch(ExtensionContext context) {
    Watch watch = store(context).get(Watch.class, Watch.class);
    if (watch == null) {
      throw new IllegalStateException("a private root is for methods that run with each test");
    }
    return watch;
  }

  private static ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(Namespace.create(LeavesNoTrace.class));
  }
}
