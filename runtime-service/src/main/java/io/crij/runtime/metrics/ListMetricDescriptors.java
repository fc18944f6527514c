package io.crij.runtime.metrics;

import io.crij.cri.v1.ListMetricDescriptorsRequest;
import io.crij.cri.v1.ListMetricDescriptorsResponse;

/** Tells which metrics there are. */
public final class ListMetricDescriptors {
  @SuppressWarnings("UnusedVariable") // Named as the RPC, whose request is empty.
  public ListMetricDescriptorsResponse run(ListMetricDescriptorsRequest request) {
    ListMetricDescriptorsResponse.Builder response = ListMetricDescriptorsResponse.newBuilder();
    for (MetricName name : MetricName.values()) {
      response.addDescriptors(name.descriptor());
    }
    return response.build();
  }
}
