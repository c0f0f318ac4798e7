package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The documents agree with the repository: links lead somewhere, commands and classes exist. And
 * they say what is, in sentences that can be read: no history but in the notebook, and figures in
 * tables.
 */
class DocumentsTest {
  private static final Path README = Path.of("README.md");
  private static final Path NOTEBOOK = Path.of("docs/notebook.md");
  private static final int MOST_FIGURES = 3;

  private static final Pattern HISTORY =
      Pattern.compile("(?i)\\b(?:today's|of then|since|no longer)\\b");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern SENTENCE_END = Pattern.compile("[.!?](?= +[^a-z ]|$)");

  /** Numbers that are part of a name: shapes, fractions, versions, what is called by a number. */
  private static final Pattern NAME =
      Pattern.compile(
          "\\d+ ?x ?\\d+(?: ?x ?\\d+)*(?: ?-> ?\\d+)?(?:/\\d+)?|\\d+/\\d+|\\d+\\.\\d+\\.\\d+"
              + "|(?:JDK|opset|Opset|Zen|Runtime|float|L|R|G) ?\\d+(?:\\.\\d+)*");

  private static final Pattern FIGURE =
      Pattern.compile("(?<![\\w.^-])\\d+(?:[.,]\\d+)*(?:e-?\\d+)?(?!\\w)");

  private static final Pattern SCRIPT = Pattern.compile("scripts/([\\w.-]+)([^#`]*)");
  private static final Pattern OPTION = Pattern.compile("(?<=^|\\s)--?(?!XX:)[A-Za-z][\\w-]*");
  private static final Pattern MAIN_CLASS = Pattern.compile("io\\.github\\.lanewise\\.[\\w.]+");
  private static final Pattern OPTION_NAMES =
      Pattern.compile("names\\s*=\\s*(?:\\{([^}]*)\\}|(\"[^\"]*\"))");
  private static final Pattern PART = Pattern.compile("\\b(?:extends|new) (\\w+)");
  private static final Pattern PROPERTY = Pattern.compile("-D(lanewise\\.[\\w.]+)");
  private static final Pattern TEST = Pattern.compile("-Dtest=(\\w+)");
  private static final Pattern FILE =
      Pattern.compile("(?:src|docs|jmh|scripts|\\.ci|\\.github)/[\\w./-]*\\w");

  /** What a message quotes is the user's. */
  private static final Pattern QUOTED = Pattern.compile("'[^']*'");

  private static final Pattern CLASS = Pattern.compile("(?<![\\w@:-])[A-Z]\\w*[a-z]\\w*[A-Z]\\w*");

  /** What documents name of JMH's options, which scripts/bench passes on. */
  private static final Set<String> JMH =
      Set.of("-f", "-p", "-prof", "-tu", "-bm", "-jvmArgsAppend");

  private static final Set<String> JAVA = Set.of("--add-modules", "--add-options", "--help");

  /** The options of each script, which many pages name. */
  private static final Map<Path, Set<String>> OPTIONS = new ConcurrentHashMap<>();

  /** All that is written in the repository but documents. */
  private static final String SOURCES = sources();

  static Stream<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      List<Path> pages = docs.filter(file -> file.toString().endsWith(".md")).sorted().toList();
      return Stream.concat(Stream.of(README), pages.stream());
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void agreesWithTheRepositoryAndSaysWhatIs(Path path) throws IOException {
    assertThat(faults(new Page(path, read(path)))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          It leads [nowhere](docs/none.md).           | docs/none.md is not there
          It leads [nowhere](docs/kernels.md#none).   | docs/kernels.md has no heading #none
          It leads [nowhere](#none).                  | README.md has no heading #none
          Type `scripts/none`.                        | scripts/none is not there
          Type `scripts/bench --none 3`.              | scripts/bench has no option --none
          Type `scripts/compare --quick`.             | scripts/compare has no option --quick
          Give `--none`.                              | no script has an option --none
          Give `-Dlanewise.none=3`.                   | no source knows lanewise.none
          Type `mvn test -Dtest=NoneTest`.            | no source knows NoneTest
          See `src/none`.                             | src/none is not there
          See `NoneOfOurs`.                           | no source knows NoneOfOurs
          It was of then.                             | history: It was of then
          It is no longer so. Nor that.               | history: It is no longer so
          Faster since (2 %).                         | history: Faster since (2 %)
          In today's code.                            | history: In today's code
          It takes 1.5, 2, 3e-4 or 4 ms.              | 4 figures: It takes 1.5, 2, 3e-4 or 4 ms
          """)
  void aFaultIsFound(String text, String fault) {
    assertThat(faults(new Page(README, text))).containsExactly(fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          A [heading](docs/benchmarks.md#start-of-a-process), [a file](LICENSE), [x](https://x.y).
          Type `scripts/bench --peers -f 2 -p 'layer=dw*' -jvmArgsAppend -XX:UseAVX=2`.
          A tile of 4 x 3, 56x56x128->128 3x3/2, 1/6 of 224x224x3 -> 32: 1, 2 and 3 ms.
          With JDK 25, opset 13, float32 and 25.0.3 on Zen 3 it takes 1, 2 or 3e-4 ms.
          It takes 1, 2 or 3 ms. Or 4.
          """)
  void whatIsRightIsNoFault(String text) {
    assertThat(faults(new Page(README, text))).isEmpty();
  }

  private static List<String> faults(Page page) {
    List<String> faults = new ArrayList<>();
    page.links.forEach(link -> checkLink(page, link, faults));
    boolean isHistory = page.path.equals(NOTEBOOK);
    page.code.stream().filter(code -> !isHistory).forEach(code -> checkCode(code, faults));
    if (!isHistory) {
      page.sentences()
          .filter(sentence -> HISTORY.matcher(sentence).find())
          .forEach(sentence -> faults.add("history: " + sentence));
      page.prose.stream()
          .flatMap(DocumentsTest::sentences)
          .forEach(sentence -> checkFigures(sentence, faults));
    }
    return faults;
  }

  private static void checkLink(Page page, String link, List<String> faults) {
    if (link.contains("://")) {
      return;
    }
    String[] parts = link.split("#", 2);
    Path folder = page.path.toAbsolutePath().getParent();
    Path file = parts[0].isEmpty() ? page.path : folder.resolve(parts[0]).normalize();
    String name = parts[0].isEmpty() ? page.path.toString() : parts[0];
    if (!Files.exists(file)) {
      faults.add(name + " is not there");
    } else if (parts.length == 2) {
      Page target = parts[0].isEmpty() ? page : new Page(file, read(file));
      if (!target.anchors().contains(parts[1])) {
        faults.add(name + " has no heading #" + parts[1]);
      }
    }
  }

  /** A line of a block of code, or what stands between backticks. */
  private static void checkCode(String code, List<String> faults) {
    List<MatchResult> commands = SCRIPT.matcher(code).results().toList();
    for (MatchResult command : commands) {
      Path script = Path.of("scripts", command.group(1));
      if (!Files.exists(script)) {
        faults.add("scripts/" + command.group(1) + " is not there");
        return;
      }
      Set<String> known = options(script);
      find(OPTION, command.group(2), option -> !known.contains(option))
          .forEach(
              option -> faults.add("scripts/" + command.group(1) + " has no option " + option));
    }
    if (code.startsWith("--")) {
      find(OPTION, code, option -> !JAVA.contains(option) && !anyScriptHas(option))
          .forEach(option -> faults.add("no script has an option " + option));
    }
    if (commands.isEmpty() && FILE.matcher(code).matches() && !Files.exists(Path.of(code))) {
      faults.add(code + " is not there");
    }
    Stream.of(PROPERTY, TEST, CLASS)
        .flatMap(pattern -> pattern.matcher(QUOTED.matcher(code).replaceAll("")).results())
        .map(found -> found.group(found.groupCount()))
        .filter(name -> !Pattern.compile("\\b" + name + "\\b").matcher(SOURCES).find())
        .distinct()
        .forEach(name -> faults.add("no source knows " + name));
  }

  private static Stream<String> find(Pattern pattern, String text, Predicate<String> isWrong) {
    return pattern.matcher(text).results().map(MatchResult::group).filter(isWrong);
  }

  private static boolean anyScriptHas(String option) {
    try (Stream<Path> scripts = Files.list(Path.of("scripts"))) {
      return scripts.anyMatch(script -> options(script).contains(option));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> options(Path script) {
    return OPTIONS.computeIfAbsent(script, DocumentsTest::readOptions);
  }

  /** The options of the programs that a script starts, as their sources declare them. */
  private static Set<String> readOptions(Path script) {
    Set<String> options = new TreeSet<>(Set.of("--help"));
    Set<Path> sources = new TreeSet<>();
    MAIN_CLASS
        .matcher(read(script))
        .results()
        .map(name -> Path.of("jmh/src/main/java", name.group().replace('.', '/') + ".java"))
        .filter(Files::exists)
        .forEach(source -> addWithParts(source, sources));
    sources.stream()
        .flatMap(source -> OPTION_NAMES.matcher(read(source)).results())
        .map(names -> names.group(1) == null ? names.group(2) : names.group(1))
        .flatMap(names -> Arrays.stream(names.replaceAll("[\"\\s]", "").split(",")))
        .forEach(options::add);
    if (options.contains("--quick")) {
      options.addAll(JMH);
    }
    return options;
  }

  /** Adds the source of a command, and those of what it extends and of the commands it creates. */
  private static void addWithParts(Path source, Set<Path> sources) {
    if (sources.add(source)) {
      PART.matcher(read(source))
          .results()
          .map(part -> part.group(1) + ".java")
          .flatMap(name -> walk("jmh/src/main").filter(file -> file.endsWith(name)))
          .forEach(part -> addWithParts(part, sources));
    }
  }

  private static void checkFigures(String sentence, List<String> faults) {
    long figures = FIGURE.matcher(NAME.matcher(sentence).replaceAll("N")).results().count();
    if (figures > MOST_FIGURES) {
      faults.add(figures + " figures: " + sentence);
    }
  }

  private static Stream<String> sentences(String text) {
    return SENTENCE_END.splitAsStream(text).map(String::strip).filter(each -> !each.isEmpty());
  }

  private static String sources() {
    try (Stream<Path> files =
        Stream.of("src", "jmh/src", "jmh/peers/src").flatMap(DocumentsTest::walk)) {
      return Stream.concat(files, Stream.of(Path.of("pom.xml")))
          .map(DocumentsTest::read)
          .collect(Collectors.joining("\n"));
    }
  }

  private static Stream<Path> walk(String folder) {
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      Path own = Path.of(DocumentsTest.class.getSimpleName() + ".java");
      return files
          .filter(file -> file.toString().endsWith(".java") && !file.endsWith(own))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A page of Markdown, as far as this project uses it. */
  private static final class Page {
    private static final Pattern ITEM = Pattern.compile("\\s*(?:[-*]|\\d+\\.) +");

    final Path path;

    /** Lines of blocks of code, and what stands between backticks. */
    final List<String> code = new ArrayList<>();

    /** Paragraphs and items of lists, a string each; what is code or a link's target is gone. */
    final List<String> prose = new ArrayList<>();

    final List<String> rows = new ArrayList<>();
    final List<String> headings = new ArrayList<>();
    final List<String> links = new ArrayList<>();
    private final StringBuilder paragraph = new StringBuilder();

    Page(Path path, String text) {
      this.path = path;
      boolean isFenced = false;
      boolean isBlock = true; // whether an indented line is a block of code here
      for (String line : text.lines().toList()) {
        boolean isCode = isFenced || (isBlock && line.startsWith("    "));
        if (line.startsWith("```")) {
          isFenced = !isFenced;
        } else if (isCode) {
          code.add(line.strip());
        } else {
          addText(line);
        }
        isBlock = line.isBlank() || isCode;
      }
      endParagraph();
    }

    private void addText(String line) {
      boolean isRow = line.strip().startsWith("|");
      boolean isHeading = line.startsWith("#");
      boolean isItem = ITEM.matcher(line).lookingAt();
      if (isRow || isHeading || isItem || line.isBlank() || line.startsWith("<!--")) {
        endParagraph();
      }
      if (isRow) {
        rows.add(plain(line));
      } else if (isHeading) {
        headings.add(plain(line.replaceAll("^#+ ", "")));
      } else if (!line.startsWith("<!--")) {
        paragraph.append(isItem ? ITEM.matcher(line).replaceFirst("") : line.strip()).append(' ');
      }
    }

    private void endParagraph() {
      if (!paragraph.toString().isBlank()) {
        prose.add(plain(paragraph.toString().strip()));
      }
      paragraph.setLength(0);
    }

    /** The words of some text, whose code and links are kept apart. */
    private String plain(String text) {
      CODE.matcher(text).results().forEach(span -> code.add(span.group(1)));
      String words = CODE.matcher(text).replaceAll("code");
      LINK.matcher(words).results().forEach(link -> links.add(link.group(1)));
      return LINK.matcher(words).replaceAll("]");
    }

    /** All that is said: sentences, headings, cells of tables. */
    Stream<String> sentences() {
      return Stream.of(prose, rows, headings)
          .flatMap(List::stream)
          .flatMap(DocumentsTest::sentences);
    }

    /** What a link to a heading has behind its #: lower case, dashes for spaces, no other signs. */
    Set<String> anchors() {
      return headings.stream()
          .map(heading -> heading.toLowerCase(Locale.ROOT))
          .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
          .collect(Collectors.toSet());
    }
  }
}
