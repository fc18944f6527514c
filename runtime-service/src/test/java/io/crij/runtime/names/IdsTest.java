package io.crij.runtime.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.runtime.ServiceException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class IdsTest {
  private static final String ONE = "ab" + "0".repeat(62);
  private static final String OTHER = "ac" + "0".repeat(62);
  private static final Map<String, String> THINGS = Map.of(ONE, "one", OTHER, "other");

  @Test
  void idsAreOfTheirForm() {
    assertThat(Ids.random()).matches(Ids::isId).isNotEqualTo(Ids.random());
  }

  @Test
  void aThingIsFoundByItsIdOrItsBeginning() {
    assertThat(Ids.find(THINGS, ONE, "things")).isEqualTo("one");
    assertThat(Ids.find(THINGS, "ac", "things")).isEqualTo("other");
    assertThat(Ids.find(THINGS, "b", "things")).isNull();
    assertThat(Ids.find(THINGS, "f".repeat(64), "things")).isNull();
  }

  @Test
  void whatIsEmptyOrNotClearNamesNothing() {
    assertThat(Ids.find(THINGS, "", "things")).isNull();
    assertThatThrownBy(() -> Ids.find(THINGS, "a", "things"))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessage("several things have ids a…");
  }
}
