package dev.broadsheet.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionValuesTest {
  private static final StrategyOption FIELD =
      StrategyOption.choice("field", "Where the bitmap lives.", "own-field", "idle");
  private static final StrategyOption BASE =
      StrategyOption.text("base", "The wrapped strategy.", "memslot-array");

  private enum Field {
    OWN_FIELD,
    IDLE
  }

  @Test
  void of_nothingGiven_takesTheDefaults() {
    OptionValues values = OptionValues.of("x", List.of(FIELD, BASE), Map.of());

    assertThat(values.get(FIELD)).isEqualTo("own-field");
    assertThat(values.get(FIELD, Field.class)).isEqualTo(Field.OWN_FIELD);
    assertThat(values.asMap())
        .containsExactly(Map.entry("base", "memslot-array"), Map.entry("field", "own-field"));
  }

  @Test
  void of_openOption_takesAnyText() {
    OptionValues values = OptionValues.of("x", List.of(BASE), Map.of("base", "D[store=range]"));

    assertThat(values.get(BASE)).isEqualTo("D[store=range]");
  }

  @Test
  void of_unknownNameOrValue_listsTheKnownOnes() {
    assertThatThrownBy(() -> OptionValues.of("x", List.of(FIELD, BASE), Map.of("color", "red")))
        .hasMessage("Unknown option 'color' of 'x'. Known: base, field.");
    assertThatThrownBy(() -> OptionValues.of("x", List.of(), Map.of("color", "red")))
        .hasMessage("Unknown option 'color' of 'x'. It has none.");
    assertThatThrownBy(() -> OptionValues.of("x", List.of(FIELD), Map.of("field", "other")))
        .hasMessage("Option 'field' of 'x' does not take 'other'. Known: own-field, idle.");
  }

  @Test
  void get_undeclaredOption_isACallersMistake() {
    OptionValues values = OptionValues.of("x", List.of(FIELD), Map.of());

    assertThatThrownBy(() -> values.get(BASE)).isInstanceOf(IllegalArgumentException.class);
  }
}
