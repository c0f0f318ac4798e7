package io.github.lanewise.kernel;

import io.github.lanewise.jvm.Jvm;
import java.lang.System.Logger.Level;
import java.lang.module.ModuleFinder;
import java.util.Locale;

/**
 * Chooses the kernels. Refers to those on the Vector API in one method alone, so that it works
 * where the module is absent. The order of its questions: is HotSpot's C2 there (only C2 turns
 * vector objects into instructions), is the module there, does the CPU have vectors, is
 * multiply-add an instruction.
 */
public final class KernelProvider {

  /** The property that forces a choice. */
  public static final String PROPERTY = "lanewise.vectorBits";

  /**
   * Kernels and the reason for them.
   *
   * @param kernels the kernels
   * @param why half a sentence
   */
  public record Choice(Kernels kernels, String why) {}

  private KernelProvider() {}

  /** The scalar kernels, whatever the machine has. */
  public static Choice scalar(String why) {
    return new Choice(new ScalarKernels(), why);
  }

  /**
   * Chooses by {@link #PROPERTY} and by what this JVM has, and logs one line: a warning where that
   * is slower than it could be, or was not asked for.
   *
   * @throws IllegalStateException if the property forces vectors that cannot be had
   */
  public static Choice choose() {
    int forced = forcedBits();
    Choice choice =
        forced == 0 ? scalar("-D" + PROPERTY + "=0") : forced > 0 ? force(forced) : automatic();
    boolean isSlow =
        forced < 0
            ? choice.kernels().vectorBits() == 0
            : forced > 0 && Jvm.missingCompiler() != null;
    System.Logger logger = System.getLogger(Jvm.LOGGER);
    Level level = isSlow ? Level.WARNING : Level.DEBUG;
    if (logger.isLoggable(level)) {
      logger.log(
          level,
          "Lanewise runs on the {0}: {1}; {2}",
          choice.kernels().description(),
          choice.why(),
          hint(choice.kernels()));
    }
    return choice;
  }

  private static Choice automatic() {
    String missing = Jvm.missingCompiler();
    missing = missing == null ? Jvm.missingInstructions() : missing;
    if (missing != null) {
      return scalar(missing);
    }
    try {
      Kernels vector = load();
      return vector.vectorBits() < 128
          ? scalar("vectors of this CPU are narrower than 128 bits")
          : new Choice(vector, "the widest vectors that this CPU and JVM compile");
    } catch (LinkageError e) {
      return scalar(
          Jvm.isModuleAbsent()
              ? "module " + Jvm.MODULE + " is not in this JVM"
              : "vector kernels: " + e);
    }
  }

  private static Choice force(int bits) {
    String option = "-D" + PROPERTY + "=" + bits;
    if (Jvm.flag("UseFMA").equals("false")) {
      throw new IllegalStateException(option + " forces vectors, but " + Jvm.missingInstructions());
    }
    try {
      String missing = Jvm.missingCompiler();
      return new Choice(load().open(), option + (missing == null ? "" : ", though " + missing));
    } catch (LinkageError e) {
      String why =
          Jvm.isModuleAbsent()
              ? "module " + Jvm.MODULE + " is absent: add --add-modules " + Jvm.MODULE
              : "they failed to load";
      throw new IllegalStateException(option + " forces vectors, but " + why, e);
    }
  }

  /**
   * Resolves the vector kernels when it is called. Not by name: tools that drop what nothing refers
   * to would drop them.
   *
   * @throws LinkageError if the module is absent
   */
  private static VectorKernels load() {
    Jvm.addModuleIfAsked();
    return new VectorKernels(); // touches the module, so that its absence shows here
  }

  /** What to type for another choice. */
  private static String hint(Kernels kernels) {
    if (kernels.vectorBits() > 0) {
      return "-D" + PROPERTY + "=0 would take scalar code";
    }
    if (!Jvm.isModuleAbsent()) {
      return "-D" + PROPERTY + "=auto|128|256|512 decides, 0 is scalar without a warning";
    }
    return ModuleFinder.ofSystem().find(Jvm.MODULE).isPresent()
        ? "for several times the speed start java with --add-modules " + Jvm.MODULE
        : "for several times the speed link the Java runtime image with --add-modules "
            + Jvm.MODULE;
  }

  /** The forced width, 0 for scalar, -1 for automatic. */
  static int forcedBits() {
    String text = System.getProperty(PROPERTY, "auto").strip().toLowerCase(Locale.ROOT);
    return switch (text) {
      case "auto", "" -> -1;
      case "0", "128", "256", "512" -> Integer.parseInt(text);
      default ->
          throw new IllegalStateException(
              "-D" + PROPERTY + "=" + text + " must be auto, 0, 128, 256 or 512");
    };
  }
}
