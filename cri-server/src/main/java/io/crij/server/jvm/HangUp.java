package io.crij.server.jvm;

import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.Signals;
import java.lang.reflect.Proxy;

/**
 * SIGHUP, which ends a JVM that says nothing else, and does nothing to one that nohup(1) started.
 *
 * <p>By reflection: the JDK's only name for signals is {@code sun.misc.Signal}, of which javac
 * warns whatever it is told, and warnings are errors here.
 */
public final class HangUp {
  private HangUp() {}

  /**
   * @param action run for each signal, on a thread of the JVM's own
   */
  public static void handle(Runnable action) {
    CurrentProcess.heed(Signals.SIGHUP);
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object running =
          Proxy.newProxyInstance(
              HangUp.class.getClassLoader(),
              new Class<?>[] {handler},
              (_, _, _) -> {
                action.run();
                return null;
              });
      var _ =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), running);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK cannot handle SIGHUP", e);
    }
  }
}
