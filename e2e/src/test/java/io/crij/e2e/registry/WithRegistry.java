package io.crij.e2e.registry;

import io.crij.e2e.program.Setup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test methods the {@link Registry}, one for all test classes of a JVM. JUnit closes it at
 * the end of the run. Name it before the leak check: it is no trace of a single test.
 */
public final class WithRegistry implements BeforeAllCallback, ParameterResolver {
  private static final String KEY = "registry";

  @Override
  public void beforeAll(ExtensionContext context) {
    registry(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Registry.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return registry(context);
  }

  private static Registry registry(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(WithRegistry.class))
        .getOrComputeIfAbsent(KEY, key -> start(), Registry.class);
  }

  private static Registry start() {
    Path folder = Setup.read().scratch().resolve("registry-" + ProcessHandle.current().pid());
    try {
      return Registry.start(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the registry started", e);
    }
  }
}
