package io.crij.runtime.container;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Closes a test's nodes after it, the latest first. As an extension that a field registers it is
 * called before those of the class, so that the leak check finds the nodes closed.
 */
final class OpenNodes implements AfterEachCallback {
  private final Deque<ContainerNode> open = new ArrayDeque<>();

  /** Takes a node that is to be closed, and gives it back. */
  ContainerNode add(ContainerNode node) {
    open.push(node);
    return node;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    close();
  }

  /** Closes them now, for a test that looks at what is left then; later there is nothing to do. */
  void close() throws Exception {
    if (!open.isEmpty()) {
      try {
        open.pop().close();
      } finally {
        close();
      }
    }
  }
}
