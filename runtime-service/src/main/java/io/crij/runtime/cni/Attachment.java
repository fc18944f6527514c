package io.crij.runtime.cni;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pod's attachment to a network: all that is needed to undo it, whatever has become of the
 * configuration since.
 *
 * @param config the network configuration in use, as JSON
 * @param args for {@code CNI_ARGS}
 * @param runtimeConfig the capabilities offered to the plugins, as JSON
 * @param result what ADD returned, as JSON; null while it runs and when it failed
 */
record Attachment(
    String sandboxId,
    String interfaceName,
    String config,
    String args,
    String runtimeConfig,
    @Nullable String result) {

  Attachment withResult(String newResult) {
    return new Attachment(sandboxId, interfaceName, config, args, runtimeConfig, newResult);
  }

  /** The pod's addresses, the first one first; empty until ADD has succeeded. */
  List<String> addresses() {
    return result == null ? List.of() : AddResult.addresses(result, interfaceName);
  }
}
