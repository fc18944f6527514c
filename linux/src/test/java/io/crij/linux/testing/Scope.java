package io.crij.linux.testing;

import org.jspecify.annotations.Nullable;

/**
 * Whose traces are looked for.
 *
 * @param home the test's own folder
 * @param testId the value of {@code CRIJ_TEST_ID} that marks this JVM's processes, if it has one
 * @param alone whether everything new on the machine is the test's
 */
record Scope(PrivateRoot home, @Nullable String testId, boolean alone) {
  static final String TEST_ID = "CRIJ_TEST_ID";
  private static final String ALONE = "CRIJ_TEST_ALONE";

  static Scope of(PrivateRoot home) {
    return new Scope(home, System.getenv(TEST_ID), "1".equals(System.getenv(ALONE)));
  }

  boolean owns(String text) {
    return text.contains(home.path().toString());
  }
}
