package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.Report;
import io.github.lanewise.jmh.run.Folders;
import io.github.lanewise.jmh.run.Machine;
import io.github.lanewise.jmh.run.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that measures whole networks: which ones, and where results go. */
abstract class Models extends Folders implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--models",
      split = ",",
      paramLabel = "DIR",
      description =
          "More networks than those in src/models: folders of folders with model*.onnx beside"
              + " input.bin, or beside io.tsv, which names the files of its inputs.")
  private List<Path> models = List.of();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "PART",
      description = "Only networks with a part of their name among these.")
  private List<String> only = List.of();

  final PrintStream out;

  Models(PrintStream out) {
    this.out = out;
  }

  /** 0 if all could be measured, else 1. */
  @Override
  public final Integer call() throws IOException {
    Map<String, Path> found = find();
    if (found.isEmpty()) {
      out.println(
          "No model*.onnx beside an input.bin or io.tsv is in a folder of the models asked for.");
    }
    return !found.isEmpty() && run(found) ? 0 : 1;
  }

  /**
   * Measures networks and writes what came out.
   *
   * @return whether all could be measured
   */
  abstract boolean run(Map<String, Path> networks) throws IOException;

  /** The networks asked for by name, in its order; of two of the same name the first counts. */
  final Map<String, Path> find() throws IOException {
    List<Path> folders = new ArrayList<>(models);
    folders.addFirst(root().resolve("src/models"));
    Map<String, Path> found = new TreeMap<>();
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw new ParameterException(spec.commandLine(), "--models " + folder + " is no folder");
      }
      try (DirectoryStream<Path> inputs = Files.newDirectoryStream(folder)) {
        for (Path each : inputs) {
          if (Stream.of(NetworkInput.ALONE, NetworkInput.LIST)
              .anyMatch(n -> Files.exists(each.resolve(n)))) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(each, "model*.onnx")) {
              files.forEach(model -> found.putIfAbsent(name(model), model));
            }
          }
        }
      }
    }
    if (!only.isEmpty()) {
      found.keySet().removeIf(name -> only.stream().noneMatch(name::contains));
    }
    return found;
  }

  /** What is measured on, a line each. */
  static List<String> facts(Instant started) {
    List<String> facts = new ArrayList<>(Machine.facts());
    facts.add("JDK: " + Machine.jdk() + ", its default collector");
    facts.add("Begun: " + started.truncatedTo(ChronoUnit.SECONDS));
    return facts;
  }

  /** Prints a report and keeps it in a file. */
  final void publish(String file, List<String> facts, String text) throws IOException {
    String report = Report.lines(facts) + "\n" + text;
    out.print(report);
    Files.createDirectories(directory());
    Files.writeString(directory().resolve(file), report);
  }

  private static String name(Path model) {
    String folder = model.getParent().getFileName().toString();
    String file = model.getFileName().toString();
    return file.equals("model.onnx") ? folder : folder + " " + file;
  }

  /** Runs a main class in a JVM of its own, which has all that this one has, and vectors. */
  static Program fork(Class<?> main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Program.java(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return Program.run(command, process -> {});
  }
}
