package io.crij.runtime.cni.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.runtime.ServiceException.InvalidArgument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTemplateTest {
  @TempDir private Path folder;

  private String render(String template, String podCidr) throws IOException {
    Path file = Files.writeString(folder.resolve("template"), template);
    return new NetworkTemplate(file).render(PodRanges.parse(podCidr));
  }

  /** The template of containerd's documentation (docs/cri/config.md). */
  @Test
  void containerdsTemplate() throws IOException {
    String template =
        """
        "ranges": [{{range $i, $range := .PodCIDRRanges}}{{if $i}}, {{end}}[{
          "subnet": "{{$range}}"
        }]{{end}}],
        "routes": [{{range $i, $route := .Routes}}{{if $i}}, {{end}}{
          "dst": "{{$route}}"
        }{{end}}]
        """;

    assertThat(render(template, "10.1.2.0/24, fd00:1::/64"))
        .isEqualTo(
            """
            "ranges": [[{
              "subnet": "10.1.2.0/24"
            }], [{
              "subnet": "fd00:1::/64"
            }]],
            "routes": [{
              "dst": "0.0.0.0/0"
            }, {
              "dst": "::/0"
            }]
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "'a{{.PodCIDR}}b', a10.1.2.0/24b",
    "'a {{- .PodCIDR -}} b', a10.1.2.0/24b",
    "'{{range .Routes}}<{{.}}>{{end}}', <0.0.0.0/0>",
    "'{{range $r := .Routes}}<{{$r}}>{{else}}none{{end}}', <0.0.0.0/0>",
    "'{{if .PodCIDR}}yes{{else}}no{{end}}', yes",
    "'{{range $i, $r := .Routes}}{{if $i}}later{{else}}first{{end}}{{end}}', first",
    "'{{/* nothing */}}x', x"
  })
  void actions(String template, String expected) throws IOException {
    assertThat(render(template, "10.1.2.0/24")).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{.Other}}",
        "{{printf .PodCIDR}}",
        "{{range .Routes}}",
        "{{if .PodCIDR}}{{else}}",
        "{{end}}",
        "{{else}}",
        "{{range .PodCIDR}}{{end}}",
        "{{.PodCIDR",
        "{{template \"x\"}}"
      })
  void whatIsNotUnderstoodIsNamed(String template) {
    assertThatThrownBy(() -> render(template, "10.1.2.0/24"))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith(folder.resolve("template").toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.1.2.0",
        "10.1.2.0/33",
        "10.1.2.0/-1",
        "10.1.2/24",
        "fd00::/129",
        "10.1.2.0/24,",
        "x/24",
        "10.1.2.0/24\"}",
        "fe80::%eth0/64",
        "1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,"
            + "1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,1.0.0.0/8,"
            + "1.0.0.0/8"
      })
  void whatIsNoRangeIsRefused(String podCidr) {
    assertThatThrownBy(() -> PodRanges.parse(podCidr))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("pod_cidr");
  }
}
