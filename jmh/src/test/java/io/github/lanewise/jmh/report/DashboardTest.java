package io.github.lanewise.jmh.report;

import static io.github.lanewise.jmh.report.TestResults.V1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.Select;

/** The page, as text everywhere and in a browser where there is one. */
class DashboardTest {
  private static final List<String> CHARTS = List.of("speed", "roofline", "speedup", "history");

  @TempDir Path folder;
  private Path page;

  @BeforeEach
  void write() throws IOException {
    for (int day = 1; day <= 3; day++) {
      double slow = day == 3 ? 0.8 : 1;
      new TestResults("%d1234567890".formatted(day), day)
          .peaks()
          .layer(
              "depthwise",
              V1 + "dw7",
              "vector",
              steady(0.40 * slow),
              steady(0.405 * slow),
              steady(0.41 * slow))
          .layer("depthwise", V1 + "dw7", "scalar", steady(0.03))
          .layer("depthwise", V1 + "dw7", "onnxruntime", steady(0.3))
          .layer("pointwise", V1 + "pw7", "vector", steady(0.90))
          .layer("separable", V1 + "dw7+pw7", "vector", steady(0.80))
          .layer("standard", V1 + "dw7+pw7", "vector", steady(0.92))
          .layer("pointwise", "odd/px1", new double[][] {steady(0.10), steady(0.10)}, 0.12, 0.15)
          .layer("pointwise", "odd/of-an-older-list", "vector", steady(0.10))
          .write(folder.resolve("run%d.json".formatted(day)));
    }
    writeStart(folder.resolve("start.json"));
    page = folder.resolve("page.html");
    int status = Dashboard.commandLine().execute(folder.toString(), "-o", page.toString());
    assertThat(status).isZero();
  }

  /** Two engines, one network: ours reaches full speed in two of three JVMs, and one is slow. */
  private static void writeStart(Path file) throws IOException {
    Files.writeString(
        file,
        """
        {"lanewise": {"started": "2026-01-04T12:00:00Z", "commit": "41234567890",
            "subject": "Start", "dirty": true,
            "cpu": "Other CPU", "jdk": "25", "backend": "vector kernels",
            "peers": {"ONNX Runtime": "1.29.0"}},
         "jvms": 3,
         "starts": [
          {"network": "net", "engine": "Lanewise", "setup": "All CPUs", "lottery": 2.4,
           "firstOverOnnxRuntime": 2,
           "median": {"firstMillis": 600, "withinTwiceMillis": 1700, "fullSpeedMillis": 2000,
             "cpuSeconds": 3.7, "slowRun": 15, "steadyMillis": 2.5, "bestMillis": 2,
             "residentMegabytes": 80},
           "worst": {"firstMillis": 650, "withinTwiceMillis": 1800, "slowRun": 16,
             "steadyMillis": 5.7, "bestMillis": 4.8, "residentMegabytes": 81}},
          {"network": "net", "engine": "ONNX Runtime", "setup": "All CPUs", "lottery": 1.05,
           "median": {"firstMillis": 300, "withinTwiceMillis": 300, "fullSpeedMillis": 330,
             "cpuSeconds": 0.4, "slowRun": 1, "steadyMillis": 4, "residentMegabytes": 70},
           "worst": {"firstMillis": 310, "withinTwiceMillis": 310, "fullSpeedMillis": 340,
             "cpuSeconds": 0.4, "slowRun": 1, "steadyMillis": 4.1, "residentMegabytes": 71}},
          {"network": "net", "engine": "Lanewise", "setup": "One CPU", "lottery": 1.01,
           "median": {"firstMillis": 900, "slowRun": 9, "steadyMillis": 3},
           "worst": {"firstMillis": 950, "slowRun": 9, "steadyMillis": 3}}],
         "problems": ["no taskset </script>"]}
        """);
  }

  private static double[] steady(double share) {
    return new double[] {share, share * 1.01, share * 0.99};
  }

  @Test
  void thePageIsOneFileThatAsksForNothing() throws IOException {
    String text = Files.readString(page);
    assertThat(text)
        .contains("Permission is hereby granted, free of charge")
        .contains("Change \\u003c/script> number 3")
        .doesNotContainPattern("(src|href)\\s*=\\s*[\"'](?!data:)")
        .doesNotContain("{{", "@import", "sourceMappingURL");
    assertThat(Dashboard.commandLine().execute(folder.resolve("absent.json").toString()))
        .isEqualTo(1);
  }

  @Test
  void aBrowserDrawsFiltersAndTells() throws IOException {
    ChromeDriver browser = browser(1280, 900, false);
    try {
      browser.get(page.toUri().toString());
      CHARTS.forEach(chart -> assertThat(paintedPixels(browser, chart)).as(chart).isPositive());
      assertThat(rows(browser, "speed")).hasSize(6);
      assertThat(rows(browser, "speed").get(0))
          .startsWith("mobilenet_v1 dw7 (x5)|depthwise|14x14x512 3x3|vector");
      assertThat(rows(browser, "speed").get(0)).endsWith("|3|2.5|-");
      assertThat(rows(browser, "speed").getLast()).contains("px1").endsWith("|2|0.0|1.25");
      assertThat(rows(browser, "speedup").getFirst()).contains("|7.69|8.84|");
      assertThat(rows(browser, "history").getFirst()).contains("40.5|40.5|32.4 slower");
      assertThat(browser.findElement(By.id("regressions")).getText())
          .contains("1 became slower")
          .contains("31234567: mobilenet_v1 dw7 (x5) depthwise vector, -20.0 %");
      assertThat(browser.findElement(By.id("machine")).getText())
          .contains("Some CPU", "-Xmx1g", "none: java.lang.LinkageError", "180.0 GFLOP/s");

      hoverNamesTheLayer(browser);
      filtersReachTableAndStatus(browser);
      theRunCanBeChosen(browser);
      assertThat(severe(browser)).isEmpty();
    } finally {
      browser.quit();
    }
  }

  @Test
  void startsHaveASectionOfTheirOwn() throws IOException {
    ChromeDriver browser = browser(1280, 900, false);
    try {
      browser.get(page.toUri().toString());
      startsAreDrawn(browser);
      assertThat(browser.findElement(By.id("speed")).isDisplayed()).isTrue();

      Path alone = folder.resolve("alone.html");
      int status =
          Dashboard.commandLine()
              .execute(folder.resolve("start.json").toString(), "-o", alone.toString());
      assertThat(status).isZero();
      browser.get(alone.toUri().toString());
      startsAreDrawn(browser);
      assertThat(browser.findElements(By.cssSelector(".layers")))
          .hasSize(6)
          .noneMatch(WebElement::isDisplayed);

      Dashboard.commandLine()
          .execute(folder.resolve("run1.json").toString(), "-o", alone.toString());
      browser.get(alone.toUri().toString());
      assertThat(browser.findElement(By.id("start")).isDisplayed()).isFalse();
      assertThat(severe(browser)).isEmpty();
    } finally {
      browser.quit();
    }
  }

  private static void startsAreDrawn(ChromeDriver browser) {
    assertThat(paintedPixels(browser, "start")).isPositive();
    assertThat(rows(browser, "start"))
        .containsExactly(
            "net|Lanewise|2.50 (5.70)|2.00 (4.80)|2.40|600 (650)|2.00|1700 (1800)|2000 (never)|3.70"
                + " (-)|never|15.0 (16.0)|80 (81)",
            "net|ONNX Runtime|4.00 (4.10)|-|1.05|300 (310)|-|300 (310)|330 (340)|0.40 (0.40)|-|1.0"
                + " (1.0)|70 (71)");
    assertThat(browser.findElements(By.cssSelector("#start td.slower")))
        .extracting(WebElement::getText)
        .containsExactly("2.40");
    assertThat(browser.findElement(By.id("start")).getText())
        .contains("no taskset </script>", "Other CPU", "3 JVMs", "vector kernels", "1.29.0");
    WebElement canvas = browser.findElement(By.cssSelector("#start canvas"));
    canvas.sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    assertThat(tooltip(browser, "start")).contains("net", "full speed at 2000 ms, worst never");
    browser.findElement(By.cssSelector("#setups input[value='One CPU']")).click();
    assertThat(rows(browser, "start"))
        .containsExactly(
            "net|Lanewise|3.00 (3.00)|-|1.01|900 (950)|-|never|never|-|never|9.0 (9.0)|-");
  }

  @Test
  void whatIsThereIsDrawnUnlessOtherFilesAreNamed() throws IOException {
    Path bench = Files.createDirectories(folder.resolve("bench"));
    String[] arguments = {"--dir", bench.toString()};
    assertThat(Dashboard.commandLine().execute(arguments)).isEqualTo(1);
    Files.copy(folder.resolve("start.json"), bench.resolve("start.json"));
    assertThat(Dashboard.commandLine().execute(arguments)).isZero();
    Path drawn = bench.resolve("dashboard.html");
    assertThat(Files.readString(drawn)).contains("Other CPU").doesNotContain("Some CPU");
    Files.copy(folder.resolve("run1.json"), bench.resolve("results.json"));
    assertThat(Dashboard.commandLine().execute(arguments)).isZero();
    assertThat(Files.readString(drawn)).contains("Other CPU", "Some CPU");
    assertThat(Run.pooled(bench)).hasSize(1);
  }

  /** Moves over the first bar, then on to the next element by key. */
  private static void hoverNamesTheLayer(ChromeDriver browser) {
    WebElement canvas = browser.findElement(By.cssSelector("#speed canvas"));
    browser.executeScript("arguments[0].scrollIntoView({block: 'center'})", canvas);
    List<?> at =
        (List<?>)
            browser.executeScript(
                "const c = Chart.getChart(arguments[0]), b = c.getDatasetMeta(0).data[0];"
                    + "return [Math.round(b.x - 5 - c.width / 2), Math.round(b.y - c.height / 2)]",
                canvas);
    new Actions(browser)
        .moveToElement(canvas, ((Number) at.get(0)).intValue(), ((Number) at.get(1)).intValue())
        .perform();
    assertThat(tooltip(browser, "speed"))
        .contains("dw7")
        .contains("vector: ")
        .contains("% of peak");
    for (String chart : CHARTS) {
      WebElement other = browser.findElement(By.cssSelector("#" + chart + " canvas"));
      browser.executeScript("arguments[0].focus()", other);
      other.sendKeys(Keys.ARROW_RIGHT);
      assertThat(tooltip(browser, chart)).as(chart).contains("dw7");
      other.sendKeys(Keys.ESCAPE);
      assertThat(tooltip(browser, chart)).as(chart).isEmpty();
    }
  }

  private static void filtersReachTableAndStatus(ChromeDriver browser) {
    browser.findElement(By.cssSelector("input[value=vector]")).sendKeys(Keys.SPACE);
    assertThat(rows(browser, "speed")).hasSize(2).noneMatch(row -> row.contains("|vector|"));
    browser.findElement(By.cssSelector("input[value=vector]")).sendKeys(Keys.SPACE);
    browser.findElement(By.cssSelector("input[value=standard]")).click();
    assertThat(rows(browser, "speed")).hasSize(7);
    browser.findElement(By.id("search")).sendKeys("px1");
    assertThat(rows(browser, "speed")).hasSize(1);
    assertThat(browser.findElement(By.id("shown")).getText()).isEqualTo("1 of 7 figures shown.");
    assertThat(browser.findElement(By.cssSelector("#speedup .none")).getText())
        .startsWith("No separable block");
    browser.findElement(By.id("search")).clear();
    browser.findElement(By.id("search")).sendKeys(" ", Keys.BACK_SPACE);
    new Select(browser.findElement(By.id("network"))).selectByVisibleText("odd");
    assertThat(rows(browser, "roofline")).hasSize(1);
    new Select(browser.findElement(By.id("network"))).selectByVisibleText("all");
    browser.findElement(By.cssSelector("input[value=gflops]")).click();
    assertThat(
            (String)
                browser.executeScript(
                    "return Chart.getChart(document.querySelector('#speed canvas'))"
                        + ".options.scales.x.title.text"))
        .isEqualTo("GFLOP/s");
  }

  private static void theRunCanBeChosen(ChromeDriver browser) {
    new Select(browser.findElement(By.id("run"))).selectByIndex(0);
    assertThat(browser.findElement(By.id("machine")).getText()).contains("11234567890");
  }

  @Test
  void aPhoneNeedsNoSidewaysScrollingInEitherScheme() throws IOException {
    for (boolean dark : new boolean[] {false, true}) {
      ChromeDriver browser = browser(390, 844, dark);
      try {
        browser.get(page.toUri().toString());
        assertThat(browser.executeScript("return document.documentElement.scrollWidth"))
            .isEqualTo(390L);
        assertThat(browser.executeScript("return getComputedStyle(document.body).backgroundColor"))
            .isEqualTo(dark ? "rgb(16, 20, 24)" : "rgb(255, 255, 255)");
        CHARTS.forEach(chart -> assertThat(paintedPixels(browser, chart)).as(chart).isPositive());
        assertThat(paintedPixels(browser, "start")).isPositive();
        assertThat(severe(browser)).isEmpty();
      } finally {
        browser.quit();
      }
    }
  }

  private static ChromeDriver browser(int width, int height, boolean dark) {
    Optional<File> driver = program("chromedriver");
    Optional<File> binary =
        Stream.of("chromium", "chromium-browser", "google-chrome", "chrome")
            .flatMap(name -> program(name).stream())
            .findFirst();
    assumeTrue(
        driver.isPresent() && binary.isPresent(),
        "no chromium and chromedriver on the PATH: the dashboard is not opened in a browser");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(binary.orElseThrow());
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
    options.addArguments("--host-resolver-rules=MAP * ~NOTFOUND");
    options.setExperimentalOption(
        "mobileEmulation",
        Map.of(
            "deviceMetrics",
            Map.of(
                "width",
                width,
                "height",
                height,
                "pixelRatio",
                1,
                "touch",
                false,
                "mobile",
                width < 600)));
    if (dark) {
      options.addArguments("--blink-settings=preferredColorScheme=0");
    }
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(driver.orElseThrow())
            .usingAnyFreePort()
            .build();
    ChromeDriver browser = new ChromeDriver(service, options);
    browser.manage().window().setSize(new Dimension(width, height));
    return browser;
  }

  private static Optional<File> program(String name) {
    String path = System.getenv("PATH");
    return Stream.of((path == null ? "" : path).split(File.pathSeparator))
        .map(directory -> new File(directory, name))
        .filter(File::canExecute)
        .findFirst();
  }

  /** Pixels of a chart that are not transparent. */
  private static long paintedPixels(ChromeDriver browser, String chart) {
    Object count =
        browser.executeScript(
            "const c = document.querySelector('#' + arguments[0] + ' canvas');"
                + "const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                + "let n = 0; for (let i = 3; i < p.length; i += 4) n += p[i] > 0 ? 1 : 0;"
                + "return n",
            chart);
    return ((Number) count).longValue();
  }

  /** The visible tooltip of a chart; empty if there is none. */
  private static String tooltip(ChromeDriver browser, String chart) {
    return (String)
        browser.executeScript(
            "const t = Chart.getChart(document.querySelector('#' + arguments[0] + '"
                + " canvas')).tooltip;return t.opacity === 0 ? '' : [...t.title,"
                + " ...t.body.flatMap(b => b.lines)].join('\\n"
                + "')",
            chart);
  }

  /** The rows of a chart's table, cells joined by bars. */
  private static List<String> rows(ChromeDriver browser, String chart) {
    Object rows =
        browser.executeScript(
            "return [...document.querySelectorAll('#' + arguments[0] + ' tbody tr')]"
                + ".map(r => [...r.cells].map(c => c.textContent).join('|'))",
            chart);
    return ((List<?>) rows).stream().map(Object::toString).toList();
  }

  private static List<LogEntry> severe(ChromeDriver browser) {
    return browser.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .toList();
  }
}
