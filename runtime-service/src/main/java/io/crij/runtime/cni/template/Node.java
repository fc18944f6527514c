package io.crij.runtime.cni.template;

import java.util.List;

/** A part of a template. */
sealed interface Node {
  /** As it stands. */
  record Text(String text) implements Node {}

  /** The value of {@code name}: {@code .Field}, {@code $variable}, or {@code .} itself. */
  record Value(String name) implements Node {}

  /**
   * Once for each element.
   *
   * @param index the variable that counts them; empty: none
   * @param element the variable that holds one; empty: none
   * @param otherwise for an empty list
   */
  record Range(String index, String element, String list, List<Node> body, List<Node> otherwise)
      implements Node {}

  /** If the value is neither empty nor 0. */
  record If(String name, List<Node> body, List<Node> otherwise) implements Node {}
}
