package io.crij.runtime.resources;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.crij.cri.v1.HugepageLimit;
import io.crij.cri.v1.LinuxContainerResources;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Resources for people: the fields of the CRI that are set, by their names. */
public final class ResourcesJson {
  private static final JsonMapper JSON = new JsonMapper();

  private ResourcesJson() {}

  public static ObjectNode of(LinuxContainerResources resources) {
    ObjectNode json = JSON.createObjectNode();
    for (Map.Entry<FieldDescriptor, Object> field : resources.getAllFields().entrySet()) {
      if (!field.getKey().isRepeated()) {
        json.set(field.getKey().getName(), JSON.valueToTree(field.getValue()));
      }
    }
    if (resources.getHugepageLimitsCount() != 0) {
      ArrayNode limits = json.putArray("hugepage_limits");
      for (HugepageLimit limit : resources.getHugepageLimitsList()) {
        limits.addObject().put("page_size", limit.getPageSize()).put("limit", limit.getLimit());
      }
    }
    if (resources.getUnifiedCount() != 0) {
      json.set("unified", JSON.valueToTree(resources.getUnifiedMap()));
    }
    return json;
  }
}
