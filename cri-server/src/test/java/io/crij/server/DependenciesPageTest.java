package io.crij.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code docs/dependencies.md} names what the poms name. */
final class DependenciesPageTest {
  private static final Pattern ROW = Pattern.compile("^\\| `([^`]+:[^`]+)` \\|", Pattern.MULTILINE);

  @Test
  void namesEveryDependencyAndPluginOfThePoms() throws Exception {
    Set<String> inPoms = new TreeSet<>();
    addArtifacts(Path.of("../pom.xml"), inPoms);
    try (DirectoryStream<Path> modules =
        Files.newDirectoryStream(Path.of(".."), Files::isDirectory)) {
      for (Path module : modules) {
        Path pom = module.resolve("pom.xml");
        if (Files.exists(pom)) {
          addArtifacts(pom, inPoms);
        }
      }
    }

    assertThat(rows()).containsExactlyInAnyOrderElementsOf(inPoms);
  }

  private static List<String> rows() throws IOException {
    String page = Files.readString(Path.of("../docs/dependencies.md"));
    return ROW.matcher(page).results().map(row -> row.group(1)).toList();
  }

  private static void addArtifacts(Path pom, Set<String> artifacts) throws Exception {
    Document document =
        DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(pom.toFile());
    for (String tag : List.of("dependency", "plugin", "path")) {
      NodeList elements = document.getElementsByTagName(tag);
      for (int i = 0; i < elements.getLength(); i++) {
        Element element = (Element) elements.item(i);
        String artifact = text(element, "artifactId");
        String group = text(element, "groupId");
        if (!artifact.isEmpty() && !group.equals("io.crij")) {
          artifacts.add((group.isEmpty() ? "org.apache.maven.plugins" : group) + ":" + artifact);
        }
      }
    }
  }

  private static String text(Element parent, String tag) {
    NodeList found = parent.getElementsByTagName(tag);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
  }
}
