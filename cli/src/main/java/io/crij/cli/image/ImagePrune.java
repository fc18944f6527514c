package io.crij.cli.image;

import io.crij.admin.v1.PruneImagesRequest;
import io.crij.admin.v1.PruneImagesResponse;
import io.crij.admin.v1.PrunedImage;
import io.crij.cli.connection.Node;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "prune",
    description = {
      "Removes the images that no container has and that are not pinned.",
      "Prints each: id, size in bytes, when it was last used, names."
    })
public final class ImagePrune implements Runnable {
  private final Supplier<Node> nodes;
  private final PrintWriter out;

  @Option(names = "--dry-run", description = "Only print what would be removed.")
  private boolean dryRun;

  @Option(
      names = "--unused-for",
      paramLabel = "TIME",
      converter = Age.class,
      description = "Only those unused for so long, e.g. 90s, 12h or 7d.")
  private Duration unusedFor = Duration.ZERO;

  @Option(names = "--untagged", description = "Only those without a tag.")
  private boolean untagged;

  @Parameters(
      arity = "0..*",
      paramLabel = "NAME",
      description = "Only those so named: a whole name, NAME* or *PART*.")
  private List<String> names = List.of();

  public ImagePrune(Supplier<Node> nodes, PrintWriter out) {
    this.nodes = nodes;
    this.out = out;
  }

  @Override
  public void run() {
    PruneImagesRequest request =
        PruneImagesRequest.newBuilder()
            .setDryRun(dryRun)
            .setUnusedForSeconds(unusedFor.toSeconds())
            .setUntaggedOnly(untagged)
            .addAllNames(names)
            .build();
    try (Node node = nodes.get()) {
      PruneImagesResponse pruned = node.admin(Node.IMAGE).pruneImages(request);
      for (PrunedImage image : pruned.getImagesList()) {
        String shown =
            String.join(
                " ",
                image.getRepoTagsCount() > 0
                    ? image.getRepoTagsList()
                    : image.getRepoDigestsList());
        Instant used = Instant.ofEpochSecond(image.getUsedAtSeconds());
        out.println(image.getId() + " " + image.getSizeBytes() + " " + used + " " + shown);
      }
      out.println(
          pruned.getImagesCount()
              + (dryRun ? " images would be removed, " : " images removed, ")
              + pruned.getFreedBytes()
              + (dryRun ? " bytes be free" : " bytes are being freed"));
    }
  }

  /** A length of time of one unit. */
  static final class Age implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})([smhd])");

    @Override
    public Duration convert(String text) {
      Matcher form = FORM.matcher(text);
      if (!form.matches()) {
        throw new TypeConversionException("'" + text + "' is no length of time such as 12h or 7d");
      }
      long count = Long.parseLong(form.group(1));
      return switch (form.group(2)) {
        case "s" -> Duration.ofSeconds(count);
        case "m" -> Duration.ofMinutes(count);
        case "h" -> Duration.ofHours(count);
        default -> Duration.ofDays(count);
      };
    }
  }
}
