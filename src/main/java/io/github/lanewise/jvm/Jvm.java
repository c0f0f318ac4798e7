package io.github.lanewise.jvm;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this JVM and its CPU can do for vector code. */
public final class Jvm {

  /** The module of the Vector API. */
  public static final String MODULE = "jdk.incubator.vector";

  /** The name of Lanewise's logger. */
  public static final String LOGGER = "io.github.lanewise";

  private static final String MODULES_PACKAGE = "jdk.internal.module";
  private static final String MANAGEMENT = "jdk.management";

  private Jvm() {}

  /** Whether the Vector API is not there. */
  public static boolean isModuleAbsent() {
    try {
      Class.forName(MODULE + ".FloatVector", false, Jvm.class.getClassLoader());
      return false;
    } catch (ClassNotFoundException | LinkageError e) {
      return true;
    }
  }

  /**
   * Adds the module to the running JVM where the application has asked for it, by a line of its
   * manifest that exports to Lanewise the JDK's own package for that. No API: where a JDK has
   * something else there, the module stays absent.
   */
  public static void addModuleIfAsked() {
    Module own = Jvm.class.getModule();
    if (!Object.class.getModule().isExported(MODULES_PACKAGE, own) || !isModuleAbsent()) {
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

  /** Why there is no C2, or why nobody can tell; null if there is. */
  public static String missingCompiler() {
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
  public static String missingInstructions() {
    if (flag("EnableVectorSupport").equals("false")) {
      return "C2 is kept from compiling vectors (-XX:-EnableVectorSupport)";
    }
    if (!flag("UseFMA").equals("true")) {
      return "this CPU, or a flag of this JVM, has no fused multiply-add (UseFMA)";
    }
    return null;
  }

  /** Vector registers of this CPU at a width; 512 bits imply AVX-512 and its 32. */
  public static int vectorRegisters(int bits) {
    boolean isX86 = List.of("amd64", "x86_64").contains(System.getProperty("os.arch", ""));
    return isX86 && bits < 512 && !flag("UseAVX").equals("3") ? 16 : 32;
  }

  /** The value of a HotSpot flag, empty where there is none. */
  public static String flag(String name) {
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
    String module = "module " + MODULE + (isModuleAbsent() ? " absent" : " present");
    return String.format(Locale.ROOT, "%s %s, %s %s (%s), ", system)
        + String.join(System.lineSeparator(), flags, module);
  }
}
