package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.metrics.Direction;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.ReportModel.Answer;
import dev.broadsheet.lab.report.Units;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which of several candidates to take for what, and what it costs elsewhere. */
final class Choice {
  static final String MEMORY = "memory.design.steady";
  static final String FAULT = "fault.tracker.lines.mean";
  static final String CONVERSION = "conversion.references.mean";
  static final String LARGE = "large.allowed.share";

  /**
   * The questions that decide, with the words for each.
   *
   * @param id of the metric that answers
   * @param question for the first page
   * @param wish what one takes a strategy for, in a headline
   * @param unit what follows the value
   * @param pays how a price begins, the value following
   */
  private record Question(String id, String question, String wish, String unit, String pays) {}

  private static final Question LEAST_MEMORY =
      new Question(MEMORY, "Least memory", "the least memory", " at the end", "holds ");
  private static final Question CHEAPEST_FAULT =
      new Question(
          FAULT, "Cheapest fault", "the cheapest faults", " lines per fault", "lines per fault: ");
  private static final Question CHEAPEST_CONVERSION =
      new Question(
          CONVERSION,
          "Cheapest conversion",
          "the cheapest conversions",
          " references per call",
          "references per conversion: ");
  private static final Question MOST_LARGE =
      new Question(
          LARGE, "Most large pages", "the most large pages", " of 2M regions kept whole", "");

  private final List<Contender> candidates;

  /** Takes the candidates, at least one. */
  Choice(List<Contender> candidates) {
    this.candidates = candidates;
  }

  /** Returns who to take for what, in one line. */
  String headline() {
    if (candidates.size() < 2) {
      return candidates.get(0).spec() + " answers every question right";
    }
    Map<String, List<String>> wishes = new LinkedHashMap<>();
    for (Question question :
        List.of(LEAST_MEMORY, CHEAPEST_FAULT, CHEAPEST_CONVERSION, MOST_LARGE)) {
      List<Contender> winners = winners(question.id());
      if (winners.size() < candidates.size()) {
        String name =
            winners.get(0).spec() + (winners.size() == 2 ? " or " + winners.get(1).spec() : "");
        wishes.computeIfAbsent(name, key -> new ArrayList<>()).add(question.wish());
      }
    }
    if (wishes.isEmpty()) {
      return "Nothing sets the candidates apart";
    }
    List<String> parts = new ArrayList<>();
    wishes.forEach((winner, reasons) -> parts.add(winner + " for " + enumeration(reasons)));
    return String.join("; ", parts);
  }

  private static String enumeration(List<String> words) {
    int last = words.size() - 1;
    String text =
        last == 0
            ? words.get(0)
            : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
    return text.replace("the cheapest faults and the cheapest", "the cheapest faults and");
  }

  /** Returns whether large pages tell the candidates apart. */
  String largePages(boolean isAsManyAsPossible) {
    double least = worst(LARGE).value(LARGE);
    double most = best(LARGE).value(LARGE);
    if (least == most) {
      return "Large pages do not decide here: every candidate keeps %s %% of the 2M regions whole%s."
          .formatted(
              Units.decimal(most, 2),
              isAsManyAsPossible ? ", as many as the attributes allow" : "");
    }
    return "%s keeps %s %% of the 2M regions whole, %s only %s %%."
        .formatted(
            best(LARGE).spec(),
            Units.decimal(most, 2),
            worst(LARGE).spec(),
            Units.decimal(least, 2));
  }

  /** Returns how far the candidates lie apart, a sentence for each cost. */
  List<String> spreads() {
    return List.of(
        spread(MEMORY, "The memory of the design at the end, page tables that it adds included,"),
        spread(FAULT, "What a fault pays for tracking"),
        spread(CONVERSION, "The tracker's share of one conversion"));
  }

  private String spread(String id, String what) {
    Contender best = best(id);
    Contender worst = worst(id);
    if (best.value(id) == worst.value(id)) {
      return "%s is the same for all candidates: %s.".formatted(what, text(id, best));
    }
    return "%s goes from %s (%s) to %s (%s)."
        .formatted(what, text(id, best), best.spec(), text(id, worst), worst.spec());
  }

  /** Returns the answers of the first page; none if there is nothing to choose from. */
  ImmutableList<Answer> answers() {
    if (candidates.size() < 2) {
      return ImmutableList.of();
    }
    return ImmutableList.of(
        answer(LEAST_MEMORY, CHEAPEST_FAULT, CHEAPEST_CONVERSION),
        answer(CHEAPEST_FAULT, LEAST_MEMORY, CHEAPEST_CONVERSION),
        answer(CHEAPEST_CONVERSION, LEAST_MEMORY, CHEAPEST_FAULT),
        answer(MOST_LARGE, LEAST_MEMORY, CHEAPEST_FAULT));
  }

  private Answer answer(Question question, Question... prices) {
    List<Contender> winners = winners(question.id());
    String value = figure(question.id(), winners.get(0)) + question.unit();
    if (winners.size() == candidates.size()) {
      return new Answer(
          question.question(),
          question.id(),
          ImmutableList.of("no difference"),
          value,
          "All candidates are equal in this.");
    }
    List<String> paid = new ArrayList<>();
    for (Question other : prices) {
      double best = best(other.id()).value(other.id());
      double ratio = winners.get(0).value(other.id()) / Math.max(1e-9, best);
      if (best > 0 && ratio > 1.005) {
        paid.add(
            "%s%s, %s× the least"
                .formatted(
                    other.pays(),
                    figure(other.id(), winners.get(0)),
                    Units.decimal(ratio, ratio < 10 ? 2 : 0)));
      }
    }
    return new Answer(
        question.question(),
        question.id(),
        winners.stream().map(Contender::spec).collect(ImmutableList.toImmutableList()),
        value,
        paid.isEmpty()
            ? "At no price: it is also best in the rest."
            : "Price: " + String.join("; ", paid) + ".");
  }

  private List<Contender> winners(String id) {
    double best = best(id).value(id);
    return candidates.stream().filter(candidate -> candidate.value(id) == best).toList();
  }

  private Contender best(String id) {
    return candidates.stream().min(order(id)).orElseThrow();
  }

  private Contender worst(String id) {
    return candidates.stream().max(order(id)).orElseThrow();
  }

  private static Comparator<Contender> order(String id) {
    double sign = MetricCatalog.find(id).direction() == Direction.HIGHER ? -1 : 1;
    return Comparator.comparingDouble(candidate -> sign * candidate.value(id));
  }

  private static String figure(String id, Contender candidate) {
    return Units.metric(MetricCatalog.find(id), candidate.metric(id));
  }

  private static String text(String id, Contender candidate) {
    Metric metric = MetricCatalog.find(id);
    return figure(id, candidate)
        + (metric.unit().equals("B") || metric.unit().equals("%") ? "" : " " + metric.unit());
  }
}
