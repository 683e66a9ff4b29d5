package dev.broadsheet.core.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StrategyRegistryTest {
  private static final StrategyOption ENCODING =
      StrategyOption.choice("encoding", "Size of an element.", "enum", "byte");

  @Test
  void configure_alias_answersTheIdWithDefaults() {
    StrategyRegistry registry =
        StrategyRegistry.of(List.of(strategy("memslot-array", Set.of("A"), ENCODING)));

    ConfiguredStrategy configured = registry.configure("A");

    assertThat(configured.spec()).isEqualTo(new StrategySpec("memslot-array", Map.of()));
    assertThat(configured.options().get(ENCODING)).isEqualTo("enum");
    assertThat(configured).hasToString("memslot-array");
  }

  @Test
  void configure_givenOption_isPrinted() {
    StrategyRegistry registry =
        StrategyRegistry.of(List.of(strategy("memslot-array", Set.of("A"), ENCODING)));

    assertThat(registry.configure("A[encoding=byte]")).hasToString("memslot-array[encoding=byte]");
  }

  @Test
  void configure_unknownStrategy_listsTheKnownIds() {
    StrategyRegistry registry =
        StrategyRegistry.of(List.of(strategy("zeta", Set.of()), strategy("alpha", Set.of("A"))));

    assertThatThrownBy(() -> registry.configure("xarray"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Unknown strategy 'xarray'. Known: alpha, zeta.");
  }

  @Test
  void configure_unknownOptionOrValue_listsTheKnownOnes() {
    StrategyRegistry registry =
        StrategyRegistry.of(List.of(strategy("memslot-array", Set.of(), ENCODING)));

    assertThatThrownBy(() -> registry.configure("memslot-array[width=1]"))
        .hasMessage("Unknown option 'width' of 'memslot-array'. Known: encoding.");
    assertThatThrownBy(() -> registry.configure("memslot-array[encoding=huge]"))
        .hasMessage(
            "Option 'encoding' of 'memslot-array' does not take 'huge'. Known: enum, byte.");
  }

  @Test
  void of_duplicateId_namesBothClasses() {
    assertThatThrownBy(
            () ->
                StrategyRegistry.of(
                    List.of(strategy("same", Set.of()), strategy("same", Set.of()))))
        .isInstanceOf(StrategyLoadException.class)
        .hasMessageContaining("Two strategies have the id 'same'")
        .hasMessageContaining(Fake.class.getName());
  }

  @Test
  void of_malformedId_isRefused() {
    for (String id : List.of("", "Upper", "two words", "-dash", "dash-", "a--b", "a_b")) {
      assertThatThrownBy(() -> StrategyRegistry.of(List.of(strategy(id, Set.of()))))
          .as("id '%s'", id)
          .isInstanceOf(StrategyLoadException.class)
          .hasMessageContaining("is no id");
    }
  }

  @Test
  void of_aliasThatIsAnotherStrategysId_isRefused() {
    assertThatThrownBy(
            () ->
                StrategyRegistry.of(
                    List.of(strategy("alpha", Set.of()), strategy("beta", Set.of("alpha")))))
        .isInstanceOf(StrategyLoadException.class)
        .hasMessageContaining("alias 'alpha'");
  }

  @Test
  void of_optionDeclaredTwice_isRefused() {
    assertThatThrownBy(
            () -> StrategyRegistry.of(List.of(strategy("alpha", Set.of(), ENCODING, ENCODING))))
        .isInstanceOf(StrategyLoadException.class)
        .hasMessageContaining("Option 'encoding'");
  }

  private static TrackingStrategy strategy(
      String id, Set<String> aliases, StrategyOption... options) {
    return new Fake(id, aliases, List.of(options));
  }

  private record Fake(String id, Set<String> aliases, List<StrategyOption> options)
      implements TrackingStrategy {
    @Override
    public StrategyDescription description() {
      return new StrategyDescription(
          "Fake", "Does nothing.", "this test", aliases, Set.of(), PageAttributes.PRIVATE);
    }

    @Override
    public PageAttributeTracker create(TrackerContext context) {
      throw new UnsupportedOperationException("a registry never creates trackers");
    }
  }
}
