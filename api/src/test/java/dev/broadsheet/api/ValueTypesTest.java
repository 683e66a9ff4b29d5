package dev.broadsheet.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The small values of the SPI, by literals of KVM's interface. */
class ValueTypesTest {
  @Test
  void attributes_bits_areThoseOfKvm() {
    assertThat(PageAttributes.isPrivate(8)).isTrue();
    assertThat(PageAttributes.isPrivate(7)).isFalse();
    assertThat(PageAttributes.type(8)).isEqualTo(PageType.PRIVATE);
    assertThat(PageAttributes.type(1)).isEqualTo(PageType.SHARED);
  }

  @Test
  void attributes_format_namesEachBit() {
    assertThat(PageAttributes.format(0)).isEqualTo("shared");
    assertThat(PageAttributes.format(8)).isEqualTo("private");
    assertThat(PageAttributes.format(1)).isEqualTo("shared+r");
    assertThat(PageAttributes.format(8 | 2)).isEqualTo("private+w");
    assertThat(PageAttributes.format(4)).isEqualTo("shared+x");
    assertThat(PageAttributes.format(15)).isEqualTo("private+r+w+x");
    assertThat(PageAttributes.format(0x30)).isEqualTo("shared+0x30");
  }

  @Test
  void geometry_limits_areChecked() {
    Geometry standard = Geometry.standard();
    assertThat(standard.gfnLimit()).isEqualTo(1L << 52);
    assertThat(standard.rootLevel().number()).isEqualTo(4);
    assertThat(standard.maxLevel().number()).isEqualTo(3);
    assertThat(geometry(1, PageLevel.PG_LEVEL_256T, PageLevel.PG_LEVEL_4K)).isNotNull();
    assertThatThrownBy(() -> geometry(0, PageLevel.PG_LEVEL_512G, PageLevel.PG_LEVEL_1G))
        .hasMessageContaining("gfn limit 0x0");
    assertThatThrownBy(
            () -> geometry((1L << 52) + 1, PageLevel.PG_LEVEL_512G, PageLevel.PG_LEVEL_1G))
        .hasMessageContaining("2^52");
    assertThatThrownBy(() -> geometry(1, PageLevel.PG_LEVEL_1G, PageLevel.PG_LEVEL_1G))
        .hasMessageContaining("root level");
    assertThatThrownBy(() -> geometry(1, PageLevel.PG_LEVEL_512G, PageLevel.PG_LEVEL_512G))
        .hasMessageContaining("largest mapping");
  }

  private static Geometry geometry(long limit, PageLevel root, PageLevel most) {
    return new Geometry(limit, root, most);
  }

  @Test
  void option_choice_takesListedValuesOnly() {
    StrategyOption option = StrategyOption.choice("size", "How large.", "one", "two");
    assertThat(option.defaultValue()).isEqualTo("one");
    assertThat(option.accepts("two")).isTrue();
    assertThat(option.accepts("three")).isFalse();
    assertThatThrownBy(() -> new StrategyOption("size", List.of(), true, "How large."))
        .hasMessageContaining("list the default first");
  }

  @Test
  void option_text_takesAnything() {
    StrategyOption option = StrategyOption.text("over", "Which one.", "reference");
    assertThat(option.defaultValue()).isEqualTo("reference");
    assertThat(option.accepts("anything")).isTrue();
  }

  @Test
  void description_traits_areThoseDeclared() {
    StrategyDescription description =
        new StrategyDescription(
            "T", "S.", "here", Set.of("A"), Set.of(StrategyTrait.POLICY_LAZY), 8);
    assertThat(description.has(StrategyTrait.POLICY_LAZY)).isTrue();
    assertThat(description.has(StrategyTrait.POLICY_ONE_WAY)).isFalse();
  }

  @Test
  void widths_areThoseOfTheKernelsTypes() {
    assertThat(ElementWidth.values()).extracting(ElementWidth::bytes).containsExactly(1, 2, 4, 8);
    assertThat(ElementWidth.values()).extracting(ElementWidth::shift).containsExactly(0, 1, 2, 3);
    assertThat(ElementWidth.values())
        .extracting(ElementWidth::mask)
        .containsExactly(0xffL, 0xffffL, 0xffff_ffffL, -1L);
  }

  @Test
  void outOfMemory_saysWhatWasAskedFor() {
    KernelOutOfMemoryException thrown = new KernelOutOfMemoryException("xa_node", 576);
    assertThat(thrown.label()).isEqualTo("xa_node");
    assertThat(thrown.bytes()).isEqualTo(576);
    assertThat(thrown).hasMessage("out of kernel memory: 576 bytes for 'xa_node'");
  }

  @Test
  void level_edges_areTheKernelsNumbers() {
    assertThat(PageLevel.of(1)).isEqualTo(PageLevel.PG_LEVEL_4K);
    assertThat(PageLevel.of(5)).isEqualTo(PageLevel.PG_LEVEL_256T);
    assertThatThrownBy(() -> PageLevel.of(0)).hasMessageContaining("no page level 0");
    assertThatThrownBy(() -> PageLevel.of(6)).hasMessageContaining("no page level 6");
  }

  @Test
  void spec_idsThatBeginWithASign_areRefused() {
    for (String text : List.of("]x", "=x", ",x", "[a=b]", " ")) {
      assertThatThrownBy(() -> StrategySpec.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
