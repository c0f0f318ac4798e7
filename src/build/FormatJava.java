import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks or fixes the format of every Java file below the given folders with google-java-format.
 *
 * <p>The Maven build runs this file as a single-file program on the JDK of the tool chain, because
 * google-java-format parses with the compiler of the JDK that it runs on, and Maven itself may run
 * on a JDK too old for the syntax used here.
 */
final class FormatJava {

  private FormatJava() {}

  public static void main(String[] args) throws IOException {
    boolean fix = args.length > 0 && args[0].equals("fix");
    if (args.length < 2 || !(fix || args[0].equals("check"))) {
      System.err.println("usage: FormatJava check|fix FOLDER...");
      System.exit(2);
    }
    List<Path> files = new ArrayList<>();
    for (String folder : List.of(args).subList(1, args.length)) {
      Path root = Path.of(folder);
      if (Files.isDirectory(root)) {
        try (Stream<Path> paths = Files.walk(root)) {
          paths.filter(path -> path.toString().endsWith(".java")).sorted().forEach(files::add);
        }
      }
    }
    int unformatted = 0;
    int unreadable = 0;
    Formatter formatter = new Formatter();
    for (Path file : files) {
      String source = Files.readString(file);
      String formatted;
      try {
        formatted = formatter.formatSourceAndFixImports(source);
      } catch (FormatterException e) {
        unreadable++;
        System.err.println(e.getMessage().indent(0).strip().replaceAll("(?m)^", file + ":"));
        continue;
      }
      if (!formatted.equals(source)) {
        unformatted++;
        if (fix) {
          Files.writeString(file, formatted);
        }
        System.err.println((fix ? "formatted: " : "not formatted: ") + file);
      }
    }
    if (unreadable > 0) {
      System.err.println("Java files that cannot be parsed: " + unreadable);
      System.exit(1);
    }
    if (unformatted > 0 && !fix) {
      System.err.println(
          "Java files that are not formatted: "
              + unformatted
              + ". To format them: mvn initialize -Pformat");
      System.exit(1);
    }
    System.out.println("Java files, all formatted: " + files.size());
  }
}
