package dev.broadsheet.lab.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * A headless Chromium that is installed on the machine. Nothing is looked up or fetched: without a
 * browser the test is skipped, and with {@code BROADSHEET_BROWSER=required} it fails.
 */
final class Browser implements AutoCloseable {
  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts it with a profile in an empty folder. */
  static Browser start(Path profile) {
    Optional<File> chromium = onPath("chromium", "chromium-browser", "google-chrome");
    Optional<File> chromedriver = onPath("chromedriver");
    boolean found = chromium.isPresent() && chromedriver.isPresent();
    String why = "chromium and chromedriver are on the PATH, so that the report can be opened";
    if ("required".equals(System.getenv("BROADSHEET_BROWSER"))) {
      assertThat(found).as(why).isTrue();
    }
    assumeThat(found).as(why).isTrue();
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.orElseThrow());
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--user-data-dir=" + profile);
    options.setCapability("goog:loggingPrefs", Map.of(LogType.BROWSER, "ALL"));
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(chromedriver.orElseThrow())
            .usingAnyFreePort()
            .build();
    return new Browser(new ChromeDriver(service, options));
  }

  private static Optional<File> onPath(String... names) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(names)
        .flatMap(name -> Stream.of(path.split(":")).map(folder -> new File(folder, name)))
        .filter(File::canExecute)
        .findFirst();
  }

  /** Makes the page as large as a screen. */
  void screen(int width, int height) {
    driver.manage().window().setSize(new Dimension(width, height));
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Lets the system prefer dark or light colours, and no motion: a scrolled click misses. */
  void prefer(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", scheme),
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  /** Opens a file and waits until its script has run. */
  void open(Path page) {
    driver.get(page.toUri().toString());
    waitFor("return document.documentElement.dataset.ready === 'true'");
  }

  void waitFor(String condition) {
    new WebDriverWait(driver, Duration.ofSeconds(20))
        .until(d -> Boolean.TRUE.equals(driver.executeScript(condition)));
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> findAll(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /** Runs a script and returns what it returns: text, Long, Double, Boolean or lists of these. */
  Object script(String script, Object... arguments) {
    Object result = driver.executeScript(script, arguments);
    if (result == null) {
      throw new IllegalStateException("the script returned nothing: " + script);
    }
    return result;
  }

  String text(String script, Object... arguments) {
    return String.valueOf(script(script, arguments));
  }

  long number(String script, Object... arguments) {
    return ((Number) script(script, arguments)).longValue();
  }

  /** Returns rows of text. */
  List<List<String>> rows(String script) {
    List<List<String>> rows = new ArrayList<>();
    for (Object row : (List<?>) script(script)) {
      rows.add(((List<?>) row).stream().map(String::valueOf).toList());
    }
    return rows;
  }

  /** Returns what the page complained about since the last call. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::toString)
        .filter(text -> text.contains("[SEVERE]") || text.contains("[WARNING]"))
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
