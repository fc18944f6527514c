package io.crij.runtime.pod;

import io.crij.cri.v1.UpdateRuntimeConfigRequest;
import io.crij.cri.v1.UpdateRuntimeConfigResponse;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cni.CniException;
import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.cni.template.NetworkTemplate;
import io.crij.runtime.cni.template.PodRanges;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Takes the addresses of the node's pods: of them a network configuration is made. */
public final class UpdateRuntimeConfig {
  private final PodNetwork network;
  private final @Nullable NetworkTemplate template;

  /**
   * @param template null: network configurations come from elsewhere
   */
  UpdateRuntimeConfig(PodNetwork network, @Nullable Path template) {
    this.network = network;
    this.template = template == null ? null : new NetworkTemplate(template);
  }

  /**
   * @throws ServiceException.InvalidArgument naming the field
   * @throws ServiceException.FailedPrecondition when no configuration can be made of the template
   */
  public UpdateRuntimeConfigResponse run(UpdateRuntimeConfigRequest request) {
    PodRanges ranges = PodRanges.parse(request.getRuntimeConfig().getNetworkConfig().getPodCidr());
    if (template != null && !ranges.isEmpty()) {
      try {
        network.generateConfig(template, ranges);
      } catch (CniException e) {
        throw new ServiceException.FailedPrecondition(String.valueOf(e.getMessage()), e);
      }
    }
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }
}
