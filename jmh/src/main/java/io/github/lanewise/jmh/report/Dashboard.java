package io.github.lanewise.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command behind {@code scripts/dashboard}. */
@Command(
    name = "scripts/dashboard",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Turns results of scripts/bench into one HTML page that opens from disk, without a network.",
      ""
    })
public final class Dashboard implements Callable<Integer> {

  @Parameters(
      arity = "0..*",
      paramLabel = "RESULTS",
      description =
          "JSON files of runs, or folders of them. Default: results.json and start.json of"
              + " target/bench, what of them is there.")
  private List<Path> paths = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The page. Default: target/bench/dashboard.html.")
  private Path output;

  @Option(names = "--dir", hidden = true, defaultValue = "target/bench")
  private Path directory;

  private Dashboard() {}

  /** Runs the command and exits. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The command's parser. */
  static CommandLine commandLine() {
    return new CommandLine(new Dashboard());
  }

  @Override
  public Integer call() {
    try {
      List<Run> runs = new ArrayList<>();
      List<JsonNode> starts = new ArrayList<>();
      for (Path file : files()) {
        JsonNode json = Run.json(file);
        if (Run.isOfStarts(json)) {
          starts.add(json);
        } else {
          runs.addAll(Run.read(json, file.toString()));
        }
      }
      int count = runs.size() + starts.size();
      if (count == 0) {
        System.err.println("there are no results in " + paths);
        return CommandLine.ExitCode.SOFTWARE;
      }
      Path page = output == null ? directory.resolve("dashboard.html") : output;
      Path folder = page.toAbsolutePath().getParent();
      Files.createDirectories(folder);
      Files.writeString(page, Page.of(runs, starts));
      System.out.println("Written: " + page + ", " + count + (count > 1 ? " runs" : " run"));
      return CommandLine.ExitCode.OK;
    } catch (IOException e) {
      System.err.println(e.getMessage() == null ? e.toString() : e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private List<Path> files() throws IOException {
    if (paths.isEmpty()) {
      Path results = directory.resolve("results.json");
      List<Path> there =
          Stream.of(results, directory.resolve("start.json")).filter(Files::exists).toList();
      return there.isEmpty() ? List.of(results) : there;
    }
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      files.addAll(Run.files(path));
    }
    return files;
  }
}
