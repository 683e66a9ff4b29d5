package dev.broadsheet.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.broadsheet.lab.cli.Broadsheet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** A report of two inputs, as the command line writes it, in a real browser. */
final class ReportBrowserTest {
  private static final String BOARD = "#scoreboard table.board";

  /** Each marked number as path in results.json, exact value and text. */
  private static final String MARKED_NUMBERS =
      """
      return [...document.querySelectorAll("[data-v]")].map((cell) => {
        const table = cell.closest("table, ol");
        const row = cell.closest("tr, li");
        const head = table.tHead ? table.tHead.rows[0].cells[cell.cellIndex] : null;
        const of = (name) => [cell, row, head, table].map((e) => e?.dataset[name]).find((v) => v !== undefined);
        const path = [of("base"), of("item"), of("path"), of("key")].filter((part) => part !== undefined);
        return [JSON.stringify(path), cell.dataset.v, cell.textContent.trim()];
      });
      """;

  @TempDir private static Path folder;
  private static Browser browser;
  private static Path page;
  private static JsonObject results;

  @BeforeAll
  static void writeReport() throws IOException {
    browser = Browser.start(folder.resolve("profile"));
    Path report = folder.resolve("report");
    int status =
        Broadsheet.run(
            "compare",
            "--trace",
            "td-boot-1g-1v",
            "--workload",
            "W6[ram=1g]",
            "--strategies",
            "memslot-array,spte-mixed-bit,xarray-mixed-flag,reference,small-pages-only",
            "--out",
            report.toString(),
            "--quiet");
    assertThat(status).isZero();
    page = report.resolve("index.html");
    results =
        JsonParser.parseString(Files.readString(report.resolve("results.json"))).getAsJsonObject();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void open() {
    browser.screen(1280, 800);
    browser.prefer("light");
    browser.open(page);
  }

  @AfterEach
  void nothingIsComplainedAbout_andNothingFetched() {
    assertThat(browser.complaints()).isEmpty();
    assertThat(
            browser.number(
                "return performance.getEntriesByType('resource').filter((r) => !r.name.startsWith('data:')).length"))
        .isZero();
  }

  @Test
  void everyNumber_isThatOfResultsJson() {
    List<List<String>> marked = browser.rows(MARKED_NUMBERS);

    assertThat(marked).hasSizeGreaterThan(1500);
    for (List<String> number : marked) {
      if (number.get(1).isEmpty()) {
        continue; // a strategy that has no such counter
      }
      JsonElement value = results;
      for (JsonElement part : JsonParser.parseString(number.get(0)).getAsJsonArray()) {
        value = descend(value, part.getAsString());
      }
      Number exact = value.getAsNumber();
      assertThat(number.get(1)).as(number.get(0)).isIn(exact(exact), exact.toString());
      assertThat(number.get(2)).as(number.get(0)).isIn(writings(exact));
    }
    // No figure of a table goes unmarked.
    assertThat(
            browser.number(
                "return [...document.querySelectorAll('td.n')].filter((c) => c.dataset.v === undefined).length"))
        .isZero();
  }

  /** A whole key first, for keys with slashes in them; else step by step. */
  private static JsonElement descend(JsonElement from, String key) {
    if (from.isJsonObject() && from.getAsJsonObject().has(key)) {
      return from.getAsJsonObject().get(key);
    }
    JsonElement value = from;
    for (String step : Splitter.on('/').split(key)) {
      value =
          value.isJsonArray()
              ? value.getAsJsonArray().get(Integer.parseInt(step))
              : value.getAsJsonObject().get(step);
      assertThat(value).as("%s in %s", step, key).isNotNull();
    }
    return value;
  }

  private static boolean isWhole(Number value) {
    return !value.toString().contains(".") && !value.toString().contains("E");
  }

  private static String exact(Number value) {
    return MetricText.exact(isWhole(value) ? (Number) value.longValue() : value.doubleValue());
  }

  private static List<String> writings(Number value) {
    return List.of(
        Units.count(value.longValue()),
        Units.bytes(value.longValue()),
        Units.bytes(value.longValue()) + "/GiB",
        Units.decimal(value.doubleValue(), 1),
        Units.decimal(value.doubleValue(), 2),
        Units.decimal(value.doubleValue(), 2) + " %");
  }

  @Test
  void firstScreen_saysWhichOne_forWhat_atWhatPrice() {
    assertThat(browser.find("h1").getText())
        .isEqualTo(results.getAsJsonArray("verdict").get(0).getAsString());
    assertThat(browser.findAll("#verdict .answers article")).hasSize(4);
    for (String part : List.of("h1", ".winner", ".value", ".price", ".field")) {
      for (WebElement each : browser.findAll("#verdict " + part)) {
        assertThat(each.getText()).as(part).isNotBlank();
        assertThat(each.getLocation().getY() + each.getSize().getHeight())
            .as(part)
            .isLessThanOrEqualTo(800);
      }
    }
  }

  @Test
  void clickOnHead_sortsCandidates_andKeepsBoundsFirstAndLast() {
    WebElement head = browser.find(BOARD + " th[data-key='conversion.references.mean'] button");

    head.click();
    assertThat(sortOf("conversion.references.mean")).isEqualTo("ascending");
    assertThat(candidates()).isSorted().hasSize(3);
    head.click();
    assertThat(sortOf("conversion.references.mean")).isEqualTo("descending");
    assertThat(candidates()).isSortedAccordingTo(Comparator.reverseOrder());

    List<List<String>> bounds =
        browser.rows(
            "return [...document.querySelectorAll('%s tbody tr')].map((r) => [r.className, r.cells[0].textContent.trim()])"
                .formatted(BOARD));
    assertThat(bounds.get(0)).containsExactly("bound", "reference");
    assertThat(bounds.get(4)).containsExactly("bound", "small-pages-only");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", " "})
  void enterAndSpace_sortToo_andFocusIsSeen(String key) {
    WebElement head = browser.find(BOARD + " th[data-key='fault.lines.mean'] button");
    browser.script("arguments[0].focus({focusVisible: true}); return true", head);

    head.sendKeys(key.equals(" ") ? Keys.SPACE : Keys.ENTER);

    assertThat(sortOf("fault.lines.mean")).isEqualTo("ascending");
    assertThat(browser.text("return getComputedStyle(document.activeElement).outlineStyle"))
        .isEqualTo("solid");
  }

  private static String sortOf(String metric) {
    return String.valueOf(
        browser.find(BOARD + " th[data-key='" + metric + "']").getAttribute("aria-sort"));
  }

  private static List<Double> candidates() {
    return browser
        .rows(
            "const at = document.querySelector(\"%s th[data-key='conversion.references.mean']\").cellIndex; return [...document.querySelectorAll('%s tbody tr:not(.bound)')].map((r) => [r.cells[at].dataset.v])"
                .formatted(BOARD, BOARD))
        .stream()
        .map(row -> Double.valueOf(row.get(0)))
        .toList();
  }

  @Test
  void arrowKeys_moveTheMapThroughTime() {
    WebElement slider = browser.find("#moment");
    String atEnd = browser.text("return document.querySelector('canvas').toDataURL()");
    String end = browser.find("[data-moment]").getText();
    assertThat(end).startsWith(Units.count(events()));

    slider.sendKeys(Keys.ARROW_LEFT);
    assertThat(browser.find("[data-moment]").getText()).isNotEqualTo(end);
    slider.sendKeys(Keys.HOME);
    assertThat(browser.text("return document.querySelector('canvas').toDataURL()"))
        .isNotEqualTo(atEnd);
    assertThat(slider.getAttribute("aria-valuetext")).endsWith("events");
    assertThat(browser.find("canvas").getAttribute("aria-label")).contains("regions mapped large");
  }

  private static long events() {
    return results
        .getAsJsonArray("inputs")
        .get(0)
        .getAsJsonObject()
        .getAsJsonObject("trace")
        .get("events")
        .getAsLong();
  }

  @Test
  void theme_followsTheSystem_untilItIsChosen() {
    String light = background();
    browser.prefer("dark");
    browser.waitFor("return document.documentElement.dataset.theme === 'dark'");
    assertThat(background()).isNotEqualTo(light);

    browser.find("#theme").click();
    assertThat(background()).isEqualTo(light);
    browser.find("#theme").click();
    assertThat(browser.find("#theme").getAttribute("aria-pressed")).isEqualTo("true");
    browser.open(page);
    assertThat(browser.text("return document.documentElement.dataset.theme")).isEqualTo("dark");
    browser.script("localStorage.clear(); return true");
  }

  private static String background() {
    return browser.text("return getComputedStyle(document.body).backgroundColor");
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void text_standsOutFromThePaper(String scheme) {
    browser.prefer(scheme);
    browser.open(page);
    String script =
        """
        const luminance = (text) => {
          const part = text.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255)
            .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
          return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
        };
        const paper = luminance(getComputedStyle(document.body).backgroundColor);
        return [...document.querySelectorAll("main *, header *")]
          .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && !e.closest("svg, .tabs, code"))
          .map((e) => [luminance(getComputedStyle(e).color), e])
          .map(([ink, e]) => [(Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05), e])
          .filter(([contrast]) => contrast < 4.5)
          .map(([contrast, e]) => [contrast, e.className, e.textContent.slice(0, 40)]);
        """;
    assertThat(browser.rows(script)).isEmpty();
  }

  @Test
  void phone_hasNoSidewaysScrolling() {
    browser.screen(390, 844);
    browser.open(page);
    for (WebElement tab : browser.findAll("[role=tab]")) {
      browser.script("arguments[0].click(); return true", tab);
      assertThat(browser.number("return document.documentElement.scrollWidth"))
          .isLessThanOrEqualTo(390);
    }
  }

  @Test
  void tabs_showOneInputAtATime_withItsCharts() {
    List<WebElement> tabs = browser.findAll("[role=tab]");
    assertThat(tabs).hasSize(2);
    assertThat(browser.find("#input-0").isDisplayed()).isTrue();
    assertThat(browser.find("#input-1").isDisplayed()).isFalse();

    browser.script("arguments[0].focus(); return true", tabs.get(0));
    tabs.get(0).sendKeys(Keys.ARROW_RIGHT);

    assertThat(browser.find("#input-0").isDisplayed()).isFalse();
    assertThat(browser.find("#input-1").isDisplayed()).isTrue();
    assertThat(tabs.get(1).getAttribute("aria-selected")).isEqualTo("true");
    long places =
        browser.number("return document.querySelectorAll('#input-1 [data-chart]').length");
    assertThat(places).isGreaterThan(5);
    assertThat(
            browser.number(
                "return [...document.querySelectorAll('#input-1 [data-chart]')].filter((c) => c.querySelector('svg, p')).length"))
        .isEqualTo(places);
    assertThat(browser.find("#scoreboard-1").isDisplayed()).isTrue();
  }

  @Test
  void chartText_staysInsideItsFrame() {
    String script =
        """
        return [...document.querySelectorAll("#input-0 .chart svg text")].flatMap((text) => {
          const frame = text.closest("figure").getBoundingClientRect();
          const box = text.getBoundingClientRect();
          const outside = box.left < frame.left - 1 || box.right > frame.right + 1
            || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
          return box.width > 0 && outside
            ? [[text.textContent, box.left - frame.left, box.right - frame.right]] : [];
        });
        """;
    assertThat(browser.rows(script)).isEmpty();
  }

  @Test
  void legend_setsOneStrategyApart() {
    String before = browser.text("return document.querySelector('[data-chart=tracker]').innerHTML");
    WebElement name = browser.find("#curves [data-legend] button");
    browser.script("arguments[0].click(); return true", name);

    assertThat(name.getAttribute("aria-pressed")).isEqualTo("true");
    assertThat(browser.text("return document.querySelector('[data-chart=tracker]').innerHTML"))
        .isNotEqualTo(before);
  }

  @Test
  void everyControl_hasAName_andIdsAreUnique() {
    assertThat(
            browser.rows(
                """
                const unnamed = [...document.querySelectorAll("button, input, canvas, svg[role=img], [role=tabpanel]")]
                  .filter((e) => !e.textContent.trim() && !e.ariaLabel && !e.labels?.length && !e.getAttribute("aria-labelledby"));
                const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
                const twice = ids.filter((id, i) => ids.indexOf(id) < i);
                const lost = [...document.querySelectorAll("a[href^='#']")].filter((a) => !document.getElementById(a.hash.slice(1)));
                const heads = [...document.querySelectorAll("th")].filter((th) => !th.scope);
                return [...unnamed.map((e) => [e.outerHTML]), ...twice.map((id) => [id]), ...lost.map((a) => [a.outerHTML]), ...heads.map((th) => [th.outerHTML])];
                """))
        .isEmpty();
  }

  @Test
  void hostileTexts_runNoScript() throws IOException {
    Path hostile = folder.resolve("hostile.html");
    try (var out = Files.newOutputStream(hostile)) {
      ReportFormat.HTML.content(HostileReport.report()).writeTo(out);
    }

    browser.open(hostile); // an alert would fail this call

    assertThat(browser.text("return String(window.hostile)")).isEqualTo("undefined");
    assertThat(browser.find("h1").getText()).contains("<script>");
  }
}
