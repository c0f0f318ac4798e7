package io.github.lanewise.onnx;

import java.io.File;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether the jars that reading ONNX needs are there, asked before the JVM fails for want of one.
 * Whether Lanewise sees them depends on where it is itself, on the class path or the module path.
 */
final class OnnxJars {
  private static final String LOGGING = "java.logging";
  private static final Jar TRIBUO =
      new Jar("ai.onnx.proto.OnnxMl", "org.tribuo.util.onnx", "org.tribuo:tribuo-util-onnx:4.3.2");
  private static final Jar PROTOBUF =
      new Jar(
          "com.google.protobuf.MessageLite",
          "com.google.protobuf",
          "com.google.protobuf:protobuf-java:4.36.2");

  /** A jar: one of its classes, the name that it has as a module, its coordinates. */
  private record Jar(String type, String module, String coordinates) {
    boolean isSeen() {
      Class<?> found = find(type);
      return found != null && OnnxJars.class.getModule().canRead(found.getModule());
    }

    boolean isOnModulePath() {
      Path[] path =
          Stream.of(System.getProperty("jdk.module.path", "").split(File.pathSeparator))
              .filter(entry -> !entry.isEmpty())
              .map(Path::of)
              .toArray(Path[]::new);
      return ModuleFinder.of(path).find(module).isPresent();
    }
  }

  private OnnxJars() {}

  /**
   * Checks that all is there.
   *
   * @throws IllegalStateException if not, naming all that is missing and what to do
   */
  static void require() {
    List<Jar> unseen = Stream.of(TRIBUO, PROTOBUF).filter(jar -> !jar.isSeen()).toList();
    if (!unseen.isEmpty()) {
      throw new IllegalStateException("reading ONNX needs " + names(unseen) + remedy(unseen));
    }
    if (find("java.util.logging.Logger") == null) { // an error of the JVM is all that protobuf says
      throw new IllegalStateException(
          "reading ONNX needs the module java.logging, which protobuf uses: "
              + (ModuleFinder.ofSystem().find(LOGGING).isPresent()
                  ? resolve(LOGGING)
                  : "link the Java runtime image with it (jlink --add-modules java.logging)"));
    }
  }

  private static String remedy(List<Jar> unseen) {
    if (!OnnxJars.class.getModule().isNamed()) {
      return " on the class path, where Lanewise is: add to the application's dependencies";
    }
    List<Jar> absent = unseen.stream().filter(jar -> !jar.isOnModulePath()).toList();
    return absent.isEmpty()
        ? ", on the module path but required by no module: " + resolve(TRIBUO.module())
        : " on the module path, as the module io.github.lanewise does not see the class path: put "
            + names(absent)
            + " there and "
            + resolve(TRIBUO.module());
  }

  private static String resolve(String module) {
    return ("write \"requires %s;\" into the application's module-info.java"
            + " or start java with --add-modules %<s")
        .formatted(module);
  }

  private static String names(List<Jar> jars) {
    return jars.stream().map(Jar::coordinates).collect(Collectors.joining(" and "));
  }

  /** A class as Lanewise's own class loader finds it, null where it does not. */
  private static Class<?> find(String type) {
    try {
      return Class.forName(type, false, OnnxJars.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return null;
    }
  }
}
