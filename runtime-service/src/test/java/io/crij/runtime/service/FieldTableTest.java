package io.crij.runtime.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.ExecRequest;
import io.crij.cri.v1.ExecSyncRequest;
import io.crij.cri.v1.GetEventsRequest;
import io.crij.cri.v1.PortForwardRequest;
import io.crij.cri.v1.RemoveContainerRequest;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.ReopenContainerLogRequest;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.StartContainerRequest;
import io.crij.cri.v1.StopContainerRequest;
import io.crij.cri.v1.StopPodSandboxRequest;
import io.crij.cri.v1.StreamContainerStatsRequest;
import io.crij.cri.v1.StreamContainersRequest;
import io.crij.cri.v1.StreamImagesRequest;
import io.crij.cri.v1.StreamPodSandboxMetricsRequest;
import io.crij.cri.v1.StreamPodSandboxStatsRequest;
import io.crij.cri.v1.StreamPodSandboxesRequest;
import io.crij.cri.v1.UpdateContainerResourcesRequest;
import io.crij.cri.v1.UpdatePodSandboxResourcesRequest;
import io.crij.cri.v1.UpdateRuntimeConfigRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** docs/cri.md says of every field what becomes of it. */
class FieldTableTest {
  private static final Path TABLE = Path.of("../docs/cri.md");
  private static final String HEADER = "| field | what becomes of it | |";
  private static final List<Descriptor> REQUESTS =
      List.of(
          RunPodSandboxRequest.getDescriptor(),
          CreateContainerRequest.getDescriptor(),
          UpdateContainerResourcesRequest.getDescriptor(),
          UpdateRuntimeConfigRequest.getDescriptor(),
          StopPodSandboxRequest.getDescriptor(),
          RemovePodSandboxRequest.getDescriptor(),
          StartContainerRequest.getDescriptor(),
          StopContainerRequest.getDescriptor(),
          RemoveContainerRequest.getDescriptor(),
          ReopenContainerLogRequest.getDescriptor(),
          ExecSyncRequest.getDescriptor(),
          ExecRequest.getDescriptor(),
          AttachRequest.getDescriptor(),
          PortForwardRequest.getDescriptor(),
          UpdatePodSandboxResourcesRequest.getDescriptor(),
          GetEventsRequest.getDescriptor(),
          StreamPodSandboxesRequest.getDescriptor(),
          StreamContainersRequest.getDescriptor(),
          StreamContainerStatsRequest.getDescriptor(),
          StreamPodSandboxStatsRequest.getDescriptor(),
          StreamPodSandboxMetricsRequest.getDescriptor(),
          StreamImagesRequest.getDescriptor());

  /** All that can be said in the requests; what is refused as a whole is not gone into. */
  private static void add(Descriptor message, Set<String> fields, Set<Descriptor> seen) {
    if (!seen.add(message)) {
      return;
    }
    for (FieldDescriptor field : message.getFields()) {
      fields.add(message.getName() + "." + field.getName());
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
          && !field.isMapField()
          && !field.getMessageType().getName().startsWith("Windows")
          && !field.getMessageType().getName().equals("Int64Value")) {
        add(field.getMessageType(), fields, seen);
      }
    }
  }

  private static List<String[]> rows() throws IOException {
    List<String[]> rows = new ArrayList<>();
    List<String> lines = Files.readAllLines(TABLE);
    int first = lines.indexOf(HEADER);
    assertThat(first).describedAs("%s has the table", TABLE).isPositive();
    for (String line : lines.subList(first + 2, lines.size())) {
      if (!line.startsWith("|")) {
        break;
      }
      String[] cells = line.substring(1).split("\\|", -1);
      rows.add(
          new String[] {cells[0].strip().replace("`", ""), cells[1].strip(), cells[2].strip()});
    }
    return rows;
  }

  @Test
  void everyFieldIsThereOnceAndNoOther() throws IOException {
    Set<String> fields = new TreeSet<>();
    Set<Descriptor> seen = new HashSet<>();
    REQUESTS.forEach(request -> add(request, fields, seen));

    assertThat(rows().stream().map(row -> row[0])).containsExactlyInAnyOrderElementsOf(fields);
  }

  @Test
  void eachHasAnEffectOrIsRefusedOrTheTableSaysWhyNot() throws IOException {
    for (String[] row : rows()) {
      assertThat(row[1]).describedAs(row[0]).isIn("effect", "refused", "no effect");
      assertThat(row[2]).describedAs(row[0]).isNotEmpty();
    }
  }
}
