package io.github.lanewise.jmh.networks;

import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.annotation.JsonValue;
import io.github.lanewise.jmh.run.Proc;
import io.github.lanewise.jmh.run.Program;
import io.github.lanewise.network.Network;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** An engine as its users start it: what it needs on the class path, and its JVM option. */
enum Side {
  LANEWISE("lanewise", "Lanewise", Network.class, "--add-modules=jdk.incubator.vector", 1),
  ONNX_RUNTIME(
      "onnxruntime", "ONNX Runtime", OrtEnvironment.class, "--enable-native-access=ALL-UNNAMED", 3);

  /** Ours on each class path. */
  private static final List<Class<?>> FORK =
      List.of(
          StartFork.class,
          Engine.class,
          Engine.Lanewise.class,
          Engine.OnnxRuntime.class,
          NetworkInput.class,
          Proc.class);

  /** For {@link Engine#of}. */
  final String id;

  /** For people. */
  @JsonValue final String title;

  private final Class<?> library;
  private final String option;
  private final int part;

  Side(String id, String title, Class<?> library, String option, int part) {
    this.id = id;
    this.title = title;
    this.library = library;
    this.option = option;
    this.part = part;
  }

  /** How long a process is watched: native code, which nothing has to compile, for a third. */
  int seconds(int seconds) {
    return Math.max(1, seconds / part);
  }

  /** The command that measures a process, without what its setup adds. */
  List<String> command(List<String> jvmOptions, Path fork, Path model, int seconds) {
    List<String> command = new ArrayList<>(List.of(Program.java(), option));
    command.addAll(jvmOptions);
    command.addAll(
        List.of(
            "-cp",
            fork + File.pathSeparator + origin(library),
            StartFork.class.getName(),
            id,
            model.toString(),
            "" + seconds(seconds)));
    return command;
  }

  private static Path origin(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Writes what processes need of ours into a jar: alone, as their class path is to hold nothing
   * else of the benchmarks; and a jar, as an AOT cache takes no folders.
   */
  static void writeFork(Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Class<?> type : FORK) {
        String name = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = type.getResourceAsStream("/" + name)) {
          in.transferTo(out);
        }
      }
    }
  }
}
