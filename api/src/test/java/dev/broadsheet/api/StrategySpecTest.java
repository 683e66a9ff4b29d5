package dev.broadsheet.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StrategySpecTest {
  @Test
  void parse_idAlone() {
    assertThat(StrategySpec.parse(" memslot-array "))
        .isEqualTo(new StrategySpec("memslot-array", Map.of()));
  }

  @Test
  void parse_options_areSortedWhenPrinted() {
    StrategySpec spec = StrategySpec.parse("xarray-lpage-info[store=range, absent=private]");

    assertThat(spec.options())
        .containsExactly(Map.entry("absent", "private"), Map.entry("store", "range"));
    assertThat(spec).hasToString("xarray-lpage-info[absent=private,store=range]");
  }

  @Test
  void parse_nestedBrackets_keepTheirCommas() {
    StrategySpec spec = StrategySpec.parse("lazy[base=xarray[store=range,absent=shared],at=fault]");

    assertThat(spec.options())
        .containsExactly(
            Map.entry("at", "fault"), Map.entry("base", "xarray[store=range,absent=shared]"));
  }

  @Test
  void parse_whatIsPrinted_isTheSameAgain() {
    for (String text : List.of("a", "a[b=c]", "a[b=c[d=e,f=g],h=i]", "a[]")) {
      StrategySpec spec = StrategySpec.parse(text);
      assertThat(StrategySpec.parse(spec.toString())).isEqualTo(spec);
    }
  }

  @Test
  void parse_malformed_saysWhatWasFound() {
    assertThatThrownBy(() -> StrategySpec.parse("")).hasMessageContaining("'' is no id");
    assertThatThrownBy(() -> StrategySpec.parse("a[b=c")).hasMessageContaining("not closed");
    assertThatThrownBy(() -> StrategySpec.parse("a[b]"))
        .hasMessageContaining("'b' is not name=value");
    assertThatThrownBy(() -> StrategySpec.parse("a[b=c,b=d]"))
        .hasMessageContaining("option 'b' is given twice");
    assertThatThrownBy(() -> StrategySpec.parse("a[b=c]]")).hasMessageContaining("never opened");
    assertThatThrownBy(() -> StrategySpec.parse("a[b=[c]")).hasMessageContaining("not closed");
    assertThatThrownBy(() -> StrategySpec.parse("a]")).hasMessageContaining("'a]' is no id");
    assertThatThrownBy(() -> StrategySpec.parse("a[b=c,]"))
        .hasMessageContaining("'' is not name=value");
  }

  @Test
  void splitList_commasInsideBrackets_doNotSeparate() {
    assertThat(StrategySpec.splitList("A, memslot-array[encoding=byte,x=y],D"))
        .containsExactly("A", "memslot-array[encoding=byte,x=y]", "D");
    assertThat(StrategySpec.splitList("")).isEmpty();
  }
}
