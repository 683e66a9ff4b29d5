package dev.broadsheet.lab.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.StringReader;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The claims as data. */
final class ClaimsTest {
  @Test
  void everyOption_hasPlusesAndMinuses() {
    for (String option : List.of("A", "B", "C", "D")) {
      assertThat(Claims.all())
          .as(option)
          .anyMatch(claim -> claim.option().equals(option) && claim.sign() == Claim.Sign.PLUS)
          .anyMatch(claim -> claim.option().equals(option) && claim.sign() == Claim.Sign.MINUS);
    }
  }

  /** As many as the posts have. */
  @Test
  void claims_haveTheAuthorsOfTheThread() {
    var byAuthor =
        Claims.all().stream()
            .collect(
                Collectors.groupingBy(claim -> Claims.post(claim).author(), Collectors.counting()));

    assertThat(byAuthor)
        .containsEntry("Isaku Yamahata", 13L) // A 4, B 4 and "complex than A", C 4
        .containsEntry("Sean Christopherson", 5L) // four pluses and xa_for_each_range()
        .containsEntry("Xiaoyao Li", 1L)
        .containsEntry("Chao Peng", 1L);
    assertThat(Claims.find("d-no-memory").assumption()).contains("xarray");
  }

  @Test
  void strategies_areThoseOfTheOptions() {
    StrategyRegistry registry = StrategyRegistry.load();
    for (Claim claim : Claims.all()) {
      assertThat(registry.configure(claim.option()).strategy().id()).isEqualTo(claim.strategy());
      registry.configure(claim.subject());
      for (Criterion criterion : claim.criteria()) {
        if (criterion.than() != null) {
          criterion.than().forEach(registry::configure);
        }
      }
    }
  }

  @Test
  void fixedSet_runsWhatEveryClaimNeeds() {
    Set<String> specs = new HashSet<>(ClaimInputs.variants(StrategyRegistry.load()));
    for (Claim claim : Claims.all()) {
      assertThat(specs).contains(claim.subject());
      for (Criterion criterion : claim.criteria()) {
        if (criterion.than() != null) {
          assertThat(specs).containsAll(criterion.than());
        }
      }
    }
  }

  @Test
  void unknownClaim_isRefusedWithWhatThereIs() {
    assertThatThrownBy(() -> Claims.find("a-nonsense"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Unknown claim 'a-nonsense'. Known: a-straightforward, ");
  }

  @Test
  void claimsThatAreNotWhole_areRefused() {
    assertThatThrownBy(() -> parse("\"criteria\": []"))
        .hasMessageContaining("needs either criteria or the reason");
    assertThatThrownBy(() -> parse("\"criteria\": [{\"metric\": \"nope\", \"is\": \"ZERO\"}]"))
        .hasMessageContaining("Unknown metric 'nope'");
    assertThatThrownBy(
            () -> parse("\"criteria\": [{\"metric\": \"design.bits\", \"is\": \"BELOW\"}]"))
        .hasMessageContaining("0 things to compare with");
  }

  private static Claims parse(String rest) {
    return Claims.parse(
        new StringReader(
            """
            {"posts": {"p": {"author": "a", "date": "d", "where": "w"}},
             "claims": [{"id": "x", "option": "A", "strategy": "s", "sign": "PLUS", "text": "t",
                         "post": "p", "reading": "r", %s}]}
            """
                .formatted(rest)));
  }
}
