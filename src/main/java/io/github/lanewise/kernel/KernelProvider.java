package io.github.lanewise.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Chooses the kernels. Refers to those on the Vector API in one method alone, so that it works
 * where the module is absent. The order of its questions: is HotSpot's C2 there (only C2 turns
 * vector objects into instructions), is the module there, does the CPU have vectors, is
 * multiply-add an instruction.
 */
public final class KernelProvider {

  /** The property that forces a choice. */
  public static final String PROPERTY = "lanewise.vectorBits";

  private static final String MODULE = "jdk.incubator.vector";
  private static final String MODULES_PACKAGE = "jdk.internal.module";
  private static final String LOGGER = "io.github.lanewise";
  private static final String MANAGEMENT = "jdk.management";

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
        forced < 0 ? choice.kernels().vectorBits() == 0 : forced > 0 && missingCompiler() != null;
    System.Logger logger = System.getLogger(LOGGER);
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
    String missing = missingCompiler();
    missing = missing == null ? missingInstructions() : missing;
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
          moduleAbsent() ? "module " + MODULE + " is not in this JVM" : "vector kernels: " + e);
    }
  }

  private static Choice force(int bits) {
    String option = "-D" + PROPERTY + "=" + bits;
    if (flag("UseFMA").equals("false")) {
      throw new IllegalStateException(option + " forces vectors, but " + missingInstructions());
    }
    try {
      String missing = missingCompiler();
      return new Choice(load().open(), option + (missing == null ? "" : ", though " + missing));
    } catch (LinkageError e) {
      String why =
          moduleAbsent()
              ? "module " + MODULE + " is absent: add --add-modules " + MODULE
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
    addModuleIfAsked();
    return new VectorKernels(); // touches the module, so that its absence shows here
  }

  /**
   * Adds the module to the running JVM where the application has asked for it, by a line of its
   * manifest that exports to Lanewise the JDK's own package for that. No API: where a JDK has
   * something else there, the module stays absent.
   */
  private static void addModuleIfAsked() {
    Module own = KernelProvider.class.getModule();
    if (!Object.class.getModule().isExported(MODULES_PACKAGE, own) || !moduleAbsent()) {
      return;
    }
    try {
      Object added =
          Class.forName(MODULES_PACKAGE + ".Modules")
              .getMethod("loadModule", String.class)
              .invoke(null, MODULE);
      own.addReads((Module) added);
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      System.getLogger(LOGGER).log(Level.DEBUG, "this JVM does not add " + MODULE, e);
    }
  }

  /** What to type for another choice. */
  private static String hint(Kernels kernels) {
    if (kernels.vectorBits() > 0) {
      return "-D" + PROPERTY + "=0 would take scalar code";
    }
    if (!moduleAbsent()) {
      return "-D" + PROPERTY + "=auto|128|256|512 decides, 0 is scalar without a warning";
    }
    return ModuleFinder.ofSystem().find(MODULE).isPresent()
        ? "for several times the speed start java with --add-modules " + MODULE
        : "for several times the speed link the Java runtime image with --add-modules " + MODULE;
  }

  private static boolean moduleAbsent() {
    try {
      Class.forName(MODULE + ".FloatVector", false, KernelProvider.class.getClassLoader());
      return false;
    } catch (ClassNotFoundException | LinkageError e) {
      return true;
    }
  }

  /** Why there is no C2, or why nobody can tell; null if there is. */
  private static String missingCompiler() {
    String vm = System.getProperty("java.vm.name", "");
    String info = System.getProperty("java.vm.info", "");
    if (info.contains("interpreted mode")) {
      return "this JVM only interprets (-Xint)";
    }
    if (ModuleLayer.boot().findModule(MANAGEMENT).isEmpty()) {
      return "module " + MANAGEMENT + ", which tells whether there is C2, is not in this JVM";
    }
    if (flag("UseJVMCICompiler").equals("true")) {
      return "a JVMCI compiler replaces C2";
    }
    String level = flag("TieredStopAtLevel");
    if (vm.contains("Client") || (!level.isEmpty() && Integer.parseInt(level) < 4)) {
      return "this JVM has no C2 (TieredStopAtLevel=" + level + ")";
    }
    if (level.isEmpty()) {
      return "this JVM (" + vm + ") is not HotSpot with C2";
    }
    return null;
  }

  /**
   * Which instructions vector code would have to do without, at a loss against scalar code; null if
   * none. A fused multiply-add without its instruction is {@code BigDecimal}.
   */
  private static String missingInstructions() {
    if (flag("EnableVectorSupport").equals("false")) {
      return "C2 is kept from compiling vectors (-XX:-EnableVectorSupport)";
    }
    if (!flag("UseFMA").equals("true")) {
      return "this CPU, or a flag of this JVM, has no fused multiply-add (UseFMA)";
    }
    return null;
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

  /** Vector registers of this CPU at a width; 512 bits imply AVX-512 and its 32. */
  static int vectorRegisters(int bits) {
    boolean isX86 = List.of("amd64", "x86_64").contains(System.getProperty("os.arch", ""));
    return isX86 && bits < 512 && !flag("UseAVX").equals("3") ? 16 : 32;
  }

  /** The value of a HotSpot flag, empty where there is none. */
  private static String flag(String name) {
    try {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return bean == null ? "" : bean.getVMOption(name).getValue();
    } catch (IllegalArgumentException | LinkageError e) {
      return "";
    }
  }

  /** CPU, JDK and the flags that decide, for bug reports. */
  public static String environment() {
    Object[] system =
        Stream.of("os.name", "os.arch", "java.vm.name", "java.vm.version", "java.vm.info")
            .map(System::getProperty)
            .toArray();
    String flags =
        Stream.of("UseAVX", "UseFMA", "MaxVectorSize", "LoopStripMiningIter")
            .map(name -> name + "=" + flag(name))
            .collect(Collectors.joining(" "));
    String module = "module " + MODULE + (moduleAbsent() ? " absent" : " present");
    return String.format(Locale.ROOT, "%s %s, %s %s (%s), ", system)
        + String.join(System.lineSeparator(), flags, module);
  }
}
