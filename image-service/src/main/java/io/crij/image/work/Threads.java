package io.crij.image.work;

/** What the JDK's threads lack. */
public final class Threads {
  private Threads() {}

  /**
   * Waits for its end also when interrupted meanwhile, and leaves the interruption to the caller.
   */
  public static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
