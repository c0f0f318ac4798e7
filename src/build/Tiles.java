import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Checks or writes the register tiles of the vector kernels, one method a tile, and the enums that
 * name them: what is the same in all tiles stands here once, what was measured in the tables. They
 * call the Vector API without a helper between: C2 inlines only its methods, not ours, once a
 * method has grown past some 45 operations (docs/kernels.md, R2).
 *
 * <p>Matrix tiles count in floats of the weights, whose checks C2 then moves out of the loop, and
 * walk A by a step that only run time knows to be 1. So C2 keeps the bounds check of every
 * broadcast in the loop, and with it the order in which the broadcasts stand there: one is alive at
 * a time. Without these checks it moves all of them to the top of the loop, runs out of registers
 * and spills sums. A check that is never taken costs one fused instruction (R1, R3). A tile has an
 * upper and a lower half of rows. Both share the offsets of their rows, which saves general
 * registers, and overlap where the rows left are fewer than the tile's. A loop over tiles inside
 * saves some 100 instructions a tile.
 *
 * <p>Depthwise tiles of 3x3 kernels walk along the channels. Their inputs keep a bounds check each,
 * because C2 cannot see through the minimum in their index; that holds the loads in order, and with
 * it few of them in registers. Where one lies is the place of the one before plus a step that
 * changes every turn, by a zero that C2 does not know: it would compute all sums of steps before
 * the loop, and load them from the stack. With two rows of four outputs a row of inputs meets at
 * most two rows of weights, which with the sums and one input are 15 registers. C2 would load all
 * weights first; a step that it does not know gives each row a check of its own, and holds its
 * loads behind that. Padding is left out by branches whose condition is the same for all channels.
 * It is hidden from C2 by the step, as another value that lives through the loop had C2 keep the
 * length of the inputs on the stack in one JVM of ten.
 *
 * <p>Run by the Maven build as a single-file program, as {@link FormatJava} is.
 */
final class Tiles {

  /** How a matrix tile walks rows of A that lie in several runs. */
  private enum Runs {
    /** Not at all: rows are dense. */
    ONE,
    /** By a jump where the index reaches the end of a run. */
    JUMP,
    /** By a loop over runs around its loop. */
    AROUND
  }

  /**
   * A matrix tile.
   *
   * @param name of the method and the kernel
   * @param rows of A
   * @param vectors of columns; 0 for panels of any width
   * @param registers of vectors that it needs
   * @param effort C2's time for it, 1 for a small one, which stands in for others
   * @param hasLoop whether the loop over tiles is inside
   * @param runs how it walks rows in runs
   */
  private record Matrix(
      String name, int rows, int vectors, int registers, int effort, boolean hasLoop, Runs runs) {}

  /** A depthwise tile. */
  private sealed interface Depthwise {
    /** Of the method and the kernel. */
    String name();

    /** Output rows at once. */
    int rows();

    /** Outputs of a row at once. */
    int columns();

    /** Inputs between two outputs of a 3x3 kernel that can do without padding; else 0. */
    int stride();

    /** Taps of a run; 0 for taps that lie anywhere. */
    int run();

    /** Taps of a run from one output to the next; 0 for taps that lie anywhere. */
    int distance();

    /** C2's time for it, 1 for a small one, which stands in for others. */
    int effort();

    /** Cycles of a tile, by which those that fit the same taps are chosen for a width. */
    int cycles();
  }

  /**
   * For 3x3 kernels.
   *
   * @param isLate whether a row of weights is loaded not before its inputs
   */
  private record Threes(
      String name, int rows, int columns, int stride, boolean isLate, int effort, int cycles)
      implements Depthwise {
    @Override
    public int run() {
      return 3;
    }

    @Override
    public int distance() {
      return stride;
    }
  }

  /** For taps in runs. */
  private record InRuns(String name, int run, int distance, int columns, int effort)
      implements Depthwise {
    @Override
    public int rows() {
      return 1;
    }

    @Override
    public int stride() {
      return 0;
    }

    @Override
    public int cycles() {
      return 0;
    }
  }

  /** For taps that lie anywhere. */
  private record Anywhere(String name, int columns, int effort) implements Depthwise {
    @Override
    public int rows() {
      return 1;
    }

    @Override
    public int stride() {
      return 0;
    }

    @Override
    public int run() {
      return 0;
    }

    @Override
    public int distance() {
      return 0;
    }

    @Override
    public int cycles() {
      return 0;
    }
  }

  private static final List<Matrix> MATRIX =
      List.of(
          new Matrix("gemm4x3v", 4, 3, 16, 5, true, Runs.ONE),
          new Matrix("gemm6x2v", 6, 2, 16, 5, true, Runs.ONE),
          new Matrix("gemm5x4v", 5, 4, 32, 5, false, Runs.ONE),
          new Matrix("gemm8x1v", 8, 1, 16, 5, true, Runs.AROUND),
          new Matrix("gemm4x3vRuns", 4, 3, 16, 5, true, Runs.JUMP),
          new Matrix("gemm6x2vRuns", 6, 2, 16, 5, true, Runs.JUMP));

  /** Four rows, one vector of a panel of any width. */
  private static final Matrix SMALL = new Matrix("gemm4x1", 4, 0, 16, 1, true, Runs.JUMP);

  private static final List<Depthwise> DEPTHWISE =
      List.of(
          new Threes("tile2x4", 2, 4, 1, true, 15, 75),
          new Threes("tile2x3", 2, 3, 1, true, 12, 64),
          new Threes("stride2", 2, 2, 2, false, 8, 67),
          new InRuns("runs3", 3, 1, 10, 5),
          new InRuns("runs5", 5, 1, 7, 5),
          new InRuns("runs7", 7, 1, 7, 5),
          new InRuns("runs5s2", 5, 2, 7, 5),
          new Anywhere("taps8", 8, 3),
          new Anywhere("taps4", 4, 1));

  private final StringBuilder out = new StringBuilder();

  private Tiles() {}

  public static void main(String[] args) throws IOException, FormatterException {
    boolean fix = args.length > 0 && args[0].equals("fix");
    if (args.length != 2 || !(fix || args[0].equals("check"))) {
      System.err.println("usage: Tiles check|fix FOLDER");
      System.exit(2);
    }
    Path folder = Path.of(args[1]);
    boolean isRight =
        new Tiles().matrixTiles().isIn(folder.resolve("MatrixTiles.java"), fix)
            & new Tiles().matrixKernels().isIn(folder.resolve("MatrixKernel.java"), fix)
            & new Tiles().depthwiseTiles().isIn(folder.resolve("DepthwiseTiles.java"), fix)
            & new Tiles().depthwiseKernels().isIn(folder.resolve("DepthwiseKernel.java"), fix);
    if (!isRight && !fix) {
      System.err.println("To write the register tiles: mvn initialize -Pformat");
      System.exit(1);
    }
  }

  private Tiles matrixTiles() {
    beginTiles("MatrixTiles", "one", 1);
    dispatch("MatrixKernel", MATRIX_ARGUMENTS, MATRIX_CALL, matrixNames(), "AXPY8");
    MATRIX.forEach(this::matrix);
    gemm4x1();
    line("}");
    return this;
  }

  private Tiles depthwiseTiles() {
    beginTiles("DepthwiseTiles", "zero", 0);
    List<String> names = DEPTHWISE.stream().map(Depthwise::name).toList();
    dispatch("DepthwiseKernel", DEPTHWISE_ARGUMENTS, DEPTHWISE_CALL, names, "TAPS3");
    for (Depthwise tile : DEPTHWISE) {
      switch (tile) {
        case Threes t -> threes(t);
        case InRuns t -> runs(t);
        case Anywhere t -> anywhere(t);
      }
    }
    line("}");
    return this;
  }

  private static List<String> matrixNames() {
    return Stream.concat(MATRIX.stream(), Stream.of(SMALL)).map(Matrix::name).toList();
  }

  private Tiles matrixKernels() {
    beginKernels("matrix kernels: register tiles, and what plain Java has", "MatrixKernel");
    for (Matrix t : Stream.concat(MATRIX.stream(), Stream.of(SMALL)).toList()) {
      String of = t.vectors == 0 ? "panels of any width" : t.vectors + " vectors";
      line("/** %d rows x %s. */", t.rows, of);
      line(
          "%s(\"%s\", %d, %d, %d, %b, %b, %d),",
          constant(t.name),
          t.name,
          t.rows,
          t.vectors,
          t.registers,
          t.runs != Runs.JUMP || t.effort == 1,
          t.runs != Runs.ONE,
          t.effort);
    }
    line("/** A row, eight steps of depth at once. */");
    line("AXPY8(\"axpy8\", 1, 0, 0, true, false, 0);\n");
    fields(
        "MatrixKernel",
        "String name, of the kernel",
        "int rows, rows of A at once",
        "int vectors, of columns; 0 for panels of any width",
        "int registers, of vectors that it needs",
        "boolean dense, whether it is for rows of one run",
        "boolean inRuns, whether it is for rows of several",
        "int effort, C2's time for it; 1 for a small one that stands in for others; 0 for none");
    line(
        """
        /** Rows of A in several runs at once, as long for fewer; 0 if it is not for such rows. */
        public int rowsInRuns() {
          return inRuns ? rows : 0;
        }

        /** What a jump from a run to the next one takes, for all of these rows. */
        public int cyclesOfJump() {
          return dense ? 26 : 3;
        }
        }
        """);
    return this;
  }

  private Tiles depthwiseKernels() {
    beginKernels("depthwise kernels: register tiles, and what plain Java has", "DepthwiseKernel");
    for (Depthwise t : DEPTHWISE) {
      line("/** %d x %d outputs. */", t.rows(), t.columns());
      line(
          "%s(\"%s\", %d, %d, %d, %d, %d, %d, %d),",
          constant(t.name()),
          t.name(),
          t.rows(),
          t.columns(),
          t.stride(),
          t.run(),
          t.distance(),
          t.effort(),
          t.cycles());
    }
    line("/** An output, three taps at once. */");
    line("TAPS3(\"taps3\", 1, 1, 0, 0, 0, 0, 0);\n");
    fields(
        "DepthwiseKernel",
        "String name, of the kernel",
        "int rows, output rows at once",
        "int columns, outputs of a row at once",
        "int stride, of the 3x3 kernels that it is for and can do without padding; else 0",
        "int run, taps of a run; 0 for taps that lie anywhere",
        "int distance, taps of a run from one output to the next; 0 for taps that lie anywhere",
        "int effort, C2's time for it; 1 for a small one that stands in for others; 0 for none",
        "int cycles, of a tile, by which those that fit the same taps are chosen");
    line("}");
    return this;
  }

  private static String constant(String name) {
    return name.replace("Runs", "_RUNS").toUpperCase(Locale.ROOT);
  }

  private void beginKernels(String what, String name) {
    line(
        """
        // Written by src/build/Tiles.java from its tables: change those, then mvn initialize -Pformat
        package io.github.lanewise.kernel;

        /** The %s. */
        public enum %s {
        """,
        what, name);
  }

  /** Fields and the constructor of an enum; each as type, name, comma, what it is. */
  private void fields(String name, String... each) {
    List<String> parameters = new ArrayList<>();
    StringBuilder sets = new StringBuilder();
    for (String field : each) {
      String parameter = field.substring(0, field.indexOf(','));
      String id = parameter.substring(parameter.indexOf(' ') + 1).replace("name", "label");
      parameters.add(parameter.replace(" name", " label"));
      sets.append("this.").append(id).append(" = ").append(id).append(";\n");
      String what = field.substring(field.indexOf(',') + 2);
      line("/** %s%s. */", what.substring(0, 1).toUpperCase(Locale.ROOT), what.substring(1));
      line("final %s;\n", parameter.replace(" name", " label"));
    }
    line("%s(%s) {\n%s}\n", name, String.join(", ", parameters), sets);
    line(
        """
        @Override
        public String toString() {
          return label;
        }
        """);
  }

  private static final String MATRIX_ARGUMENTS =
      "MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc,"
          + " int min, int max";
  private static final String MATRIX_CALL = "p, rows, a, aOff, c, cOff, ldc, min, max";

  private static final String DEPTHWISE_ARGUMENTS =
      "DepthwiseArgs p, int y, int edges, float[] tile, int tileOff, int first, int end,"
          + " float[] dst, int dstOff, int min, int max";
  private static final String DEPTHWISE_CALL =
      "p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max";

  private void beginTiles(String name, String hidden, int value) {
    line(
        """
        // Written by src/build/Tiles.java from its tables: change those, then mvn initialize -Pformat
        package io.github.lanewise.kernel;

        import static io.github.lanewise.kernel.Kernels.BOTTOM;
        import static io.github.lanewise.kernel.Kernels.LEFT;
        import static io.github.lanewise.kernel.Kernels.RIGHT;
        import static io.github.lanewise.kernel.Kernels.TOP;
        import static io.github.lanewise.kernel.Lanes.F;
        import static io.github.lanewise.kernel.Lanes.I;
        import static io.github.lanewise.kernel.Lanes.L;
        import static jdk.incubator.vector.FloatVector.fromArray;

        import io.github.lanewise.jvm.Gate;
        import jdk.incubator.vector.FloatVector;
        import jdk.incubator.vector.IntVector;
        import jdk.incubator.vector.VectorOperators;

        /** Register tiles. Each says whether the sum of its results, or of products of two, is NaN. */
        final class %1$s {
          /** Not final, so that C2 does not fold it (docs/kernels.md, R3). */
          @SuppressWarnings("NonFinalStaticField")
          private static int %2$s = %3$d;

          private %1$s() {}
        """,
        name, hidden, value);
  }

  private void dispatch(
      String type, String parameters, String call, List<String> names, String plain) {
    method("run", type + " kernel, " + parameters);
    line("return switch (kernel) {");
    for (String name : names) {
      line("case %s -> %s(%s);", constant(name), name, call);
    }
    line("case %s -> throw new IllegalArgumentException(kernel + \" is plain Java\");", plain);
    line("};\n}\n");
  }

  /** Whether the file is what it should be, or was made so. */
  private boolean isIn(Path file, boolean fix) throws IOException, FormatterException {
    String text = new Formatter().formatSourceAndFixImports(out.toString());
    boolean isRight = Files.exists(file) && Files.readString(file).equals(text);
    if (!isRight && fix) {
      Files.writeString(file, text);
    }
    if (!isRight) {
      System.err.println((fix ? "written: " : "not what the tables say: ") + file);
    }
    return isRight;
  }

  private void line(String text, Object... args) {
    out.append(text.formatted(args)).append('\n');
  }

  /** {@code text} with each number from 1 to {@code end - 1}. */
  private void each(int end, String text) {
    IntStream.range(1, end).forEach(i -> line(text, i));
  }

  private static String plus(int n, String of) {
    return n == 0 ? "" : " + " + times(n, of);
  }

  private static String times(int n, String of) {
    return n == 0 ? "0" : n == 1 ? of : n + " * " + of;
  }

  /** Halves of halves, so that few additions wait for each other. */
  private static String sum(List<String> of) {
    if (of.size() <= 3) {
      return of.getFirst()
          + of.stream().skip(1).map(".add(%s)"::formatted).collect(Collectors.joining());
    }
    int half = (of.size() + 1) / 2;
    return sum(of.subList(0, half)) + ".add(" + sum(of.subList(half, of.size())) + ")";
  }

  private void store(String sum, String array, String at) {
    line(
        "%s.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(%s, %s);",
        sum, array, at);
  }

  private void method(String name, String parameters) {
    line("static boolean %s(%s) {", name, parameters);
  }

  /** How every kernel begins, see Gate: calls without work leave it, a large one after a vector. */
  private void begin(int effort, String count) {
    if (effort == 1) {
      line("if (%s == 0) {\nreturn false;\n}", count);
      zeroSum();
    } else {
      line("if (%1$s == -1 || %1$s == -2 || %1$s == -3) {\nreturn false;\n}", count);
      zeroSum();
      line("for (int t = 1; t <= Gate.turns; t++) {\nGate.leaveIfNone(t);\n}");
      line("Gate.leaveIfNone(%s);", count);
    }
  }

  private void bounds() {
    line("IntVector lo = IntVector.broadcast(I, min);");
    line("IntVector hi = IntVector.broadcast(I, max);");
  }

  private void zeroSum() {
    line("FloatVector sum = FloatVector.zero(F);");
  }

  private void isNaN() {
    line("return sum.compare(VectorOperators.NE, sum).anyTrue();\n}\n");
  }

  private void matrix(Matrix t) {
    String panel = times(t.vectors, "L");
    String left = t.hasLoop ? "left" : "rows";
    int half = t.rows - t.rows / 2; // an upper and a lower half of rows share offsets
    line(
        """
        // for (m < rows) c(m, n) =
        //   clamp(w[n] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * %s + n])\
        """,
        panel);
    method(t.hasLoop ? t.name : t.name + "Once", MATRIX_ARGUMENTS);
    begin(t.effort, "rows");
    matrixArguments(t);
    if (t.hasLoop) {
      bounds();
      if (t.runs == Runs.AROUND) {
        line("int floats = run * %s;", panel);
      }
      line("int end = (depth + 1) * %s;", panel);
      line("int step = one;");
      line("for (int m = 0; m < rows; m += %d) {", t.rows);
      line("int left = rows - m;");
      offsets(t, half, left);
      line("int at = aOff + m * lda;");
      line("int atLow = at + low * lda;");
      if (t.runs == Runs.JUMP) {
        line("int next = 0;\nint stop = at + run;");
      }
      bias(t);
    } else {
      bias(t);
      offsets(t, half, left);
      line("int step = one;");
      line("int at = aOff;");
      line("int atLow = aOff + low * lda;");
    }
    depth(t, half, panel);
    total(t, half);
    if (!t.hasLoop) {
      bounds();
    }
    upperRows(t, half, left);
    lowerRows(t, half);
    if (t.hasLoop) {
      line("}");
    }
    isNaN();
    if (!t.hasLoop) {
      loop(t);
    }
  }

  private void matrixArguments(Matrix t) {
    line("float[] w = p.array();\nint depth = p.depth();");
    line("int lda = p.rows().step();");
    if (t.runs != Runs.ONE) {
      line("int run = p.rows().run();\nint[] jumps = p.rows().jumps();");
    }
  }

  /** The loop over tiles, around one that has none inside. */
  private void loop(Matrix t) {
    method(t.name, MATRIX_ARGUMENTS);
    line("boolean nan = false;\nint lda = p.rows().step();\nint m = 0;\ndo {");
    line("nan |= %sOnce(p, rows - m, a, aOff + m * lda,", t.name);
    line("c, cOff + m * ldc, ldc, min, max);");
    line("m += %d;\n} while (m < rows);\nreturn nan;\n}\n", t.rows);
  }

  /** Where the rows of a half lie; of fewer rows the last one several times. */
  private void offsets(Matrix t, int half, String left) {
    line("int low = Math.max(0, Math.min(%d, %s - %d));", half, left, t.rows - half);
    each(half, "int r%1$d = Math.min(%1$d, " + left + " - 1) * lda;");
  }

  private void bias(Matrix t) {
    for (int m = 0; m < t.rows; m++) {
      for (int v = 0; v < t.vectors; v++) {
        String from = m == 0 ? "fromArray(F, w, " + times(v, "L") + ")" : c(t, 0, v);
        line("FloatVector %s = %s;", c(t, m, v), from);
      }
    }
  }

  private static String c(Matrix t, int row, int vector) {
    return "c" + row + (t.vectors == 1 ? "" : vector);
  }

  private static List<String> sums(Matrix t, int from, int end) {
    List<String> sums = new ArrayList<>();
    for (int m = from; m < end; m++) {
      for (int v = 0; v < t.vectors; v++) {
        sums.add(c(t, m, v));
      }
    }
    return sums;
  }

  /** The loop over depth. */
  private void depth(Matrix t, int half, String panel) {
    if (t.runs == Runs.AROUND) {
      line("for (int from = %s, next = 0; from < end; from += floats, next++) {", panel);
      line("for (int k = 0; k < floats; k += %s) {", panel);
    } else if (t.hasLoop) {
      line("for (int k = %1$s; k < end; k += %1$s) {", panel);
    } else {
      line("for (int k = %1$s, end = (depth + 1) * %1$s; k < end; k += %1$s) {", panel);
    }
    String from = t.runs == Runs.AROUND ? "from + " : "";
    for (int v = 0; v < t.vectors; v++) {
      line("FloatVector w%d = fromArray(F, w, %sk%s);", v, from, plus(v, "L"));
    }
    for (int m = 0; m < t.rows; m++) {
      String at = (m < half ? "at" : "atLow") + (m % half == 0 ? "" : " + r" + m % half);
      line("FloatVector a%d = FloatVector.broadcast(F, a[%s]);", m, at);
      for (int v = 0; v < t.vectors; v++) {
        line("%1$s = a%2$d.fma(w%3$d, %1$s);", c(t, m, v), m, v);
      }
    }
    line("at += step;\natLow += step;");
    if (t.runs == Runs.JUMP) {
      line("if (at == stop) {\nint jump = jumps[next++];");
      line("at += jump;\natLow += jump;\nstop = at + run;\n}");
    }
    line("}");
    if (t.runs == Runs.AROUND) {
      line("at += jumps[next];\natLow += jumps[next];\n}");
    }
  }

  private void total(Matrix t, int half) {
    if (t.hasLoop && t.vectors > 1) {
      line("FloatVector upper = %s;", sum(sums(t, 0, half)));
      line("FloatVector lower = %s;", sum(sums(t, half, t.rows)));
      line("sum = upper.add(lower).add(sum);");
    } else {
      line("sum = %s.add(sum);", sum(sums(t, 0, t.rows)));
    }
  }

  private void upperRows(Matrix t, int half, String left) {
    String to = t.hasLoop ? "to" : "cOff";
    if (t.hasLoop) {
      line("int to = cOff + m * ldc;");
    }
    storeRow(t, 0, to, 0);
    for (int m = 1; m < half; m++) {
      line("if (%s > %d) {", left, m);
      storeRow(t, m, to, m);
      line("}");
    }
  }

  private void lowerRows(Matrix t, int half) {
    if (!t.hasLoop) {
      line("int toLow = cOff + low * ldc;");
    } else if (walks(t)) {
      line("to = cOff + (m + low) * ldc;");
    } else {
      line("to += low * ldc;");
    }
    line("if (low > 0) {");
    for (int m = half; m < t.rows; m++) {
      storeRow(t, m, t.hasLoop ? "to" : "toLow", m - half);
    }
    line("}");
  }

  /** Whether the stores go from row to row by an index of their own. */
  private static boolean walks(Matrix t) {
    return t.hasLoop && t.vectors > 1;
  }

  private void storeRow(Matrix t, int m, String to, int down) {
    if (walks(t) && down > 0) {
      line("to += ldc;");
    }
    for (int v = 0; v < t.vectors; v++) {
      store(c(t, m, v), "c", to + (walks(t) ? "" : plus(down, "ldc")) + plus(v, "L"));
    }
  }

  private void gemm4x1() {
    int rows = SMALL.rows;
    line(
        """
        /** One vector of a panel of any width: small, serves until the others are compiled. */
        // for (m < rows) for (j < n) c(m, j) =
        //   clamp(w[j] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * n + j])\
        """);
    method(SMALL.name, MATRIX_ARGUMENTS);
    begin(SMALL.effort, "rows");
    matrixArguments(SMALL);
    line("int n = p.columns();");
    bounds();
    line("for (int j = 0; j < n; j += L) {\nfor (int m = 0; m < rows; m += %d) {", rows);
    each(rows, "int m%1$d = Math.min(m + %1$d, rows - 1);");
    line("int at = aOff + m * lda;");
    each(rows, "int r%1$d = (m%1$d - m) * lda;");
    line("int stop = at + run;\nint next = 0;\nint k = j;");
    line("FloatVector c0 = fromArray(F, w, j);");
    each(rows, "FloatVector c%d = c0;");
    line("for (int i = 0; i < depth; i++) {\nk += n;");
    line("FloatVector w0 = fromArray(F, w, k);");
    line("c0 = FloatVector.broadcast(F, a[at]).fma(w0, c0);");
    each(rows, "c%1$d = FloatVector.broadcast(F, a[at + r%1$d]).fma(w0, c%1$d);");
    line("at++;\nif (at == stop) {\nat += jumps[next++];\nstop = at + run;\n}\n}");
    line("sum = %s.add(sum);", sum(names("c", rows)));
    line("int to = cOff + j;");
    for (int m = 0; m < rows; m++) {
      store("c" + m, "c", "to + " + (m == 0 ? "m" : "m" + m) + " * ldc");
    }
    line("}\n}");
    isNaN();
  }

  private static List<String> names(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  private void columns(int columns) {
    line("int columns = Math.min(%d, width);", columns);
    String first = columns == 2 ? "(columns - 1)" : "Math.min(%1$d, columns - 1)";
    each(columns, "int to%1$d = " + first + " * dstStep;");
  }

  private void threes(Threes t) {
    int rows = (t.rows - 1) * t.stride + 3;
    int width = (t.columns - 1) * t.stride + 3;
    line(
        """
        // for (y < %1$d) for (x < width) for (l < lanes) dst[dstOff + y * dstRow + x * dstStep + l] =
        //   clamp(w[l] + sum over i, j < 3 of
        //       tile[row(%2$sy + i) + (%2$sx + j) * step + l] * w(1 + 3 * i + j, l))\
        """,
        t.rows, t.stride == 1 ? "" : t.stride + " * ");
    method(t.name, DEPTHWISE_ARGUMENTS);
    begin(t.effort, "end - first");
    depthwiseArguments();
    line("int width = p.width;\nint step = p.taps.apart;");
    line("int[] above = p.taps.row(y);");
    if (t.rows == 2) {
      line("boolean meet = p.taps.meet();");
      line("int dstRow = meet ? p.dstRow : 0;");
      line("int[] below = meet ? p.taps.row(y + 1) : above;");
    }
    for (int r = 0; r < rows; r++) {
      String tap = r < 3 ? "above[" + 3 * r : "below[" + 3 * (r - t.stride);
      line("int row%d = tileOff + %s];", r, tap);
    }
    bounds();
    columns(t.columns);
    line("int s = step;\nint z = zero;");
    line("for (int x = 0; x < width; x += %d) {", t.columns);
    line("int column = Math.min(x, width - columns);");
    line("int sides = edges;");
    line("sides &= column > 0 ? ~LEFT : -1;");
    line("sides &= column + columns < width ? ~RIGHT : -1;");
    line("boolean inside = sides == 0;");
    line("int from = column * %sstep;", t.stride == 1 ? "" : t.stride + " * ");
    line("int to = dstOff + column * dstStep;");
    line("for (int i = 0; i < lanes; i += L) {");
    line(
        "int c = Math.min(i, last);\nint k = wOff + 10 * i;\ns += z;\nint e = sides + (s - step);");
    if (!t.isLate) {
      IntStream.range(0, 3).forEach(this::weights);
    }
    for (int y = 0; y < t.rows; y++) {
      for (int x = 0; x < t.columns; x++) {
        line("FloatVector s%d%d = %s;", y, x, x + y == 0 ? "fromArray(F, w, k)" : "s00");
      }
    }
    if (t.isLate) {
      weights(0);
    }
    line("int at;\nFloatVector v;");
    for (int r = 0; r < rows; r++) {
      if (t.isLate && r > 0 && r < 3) {
        line("k += z;");
        weights(r);
      }
      inputs(t, r, r == 0 ? "TOP" : r == rows - 1 ? "BOTTOM" : null, width);
    }
    if (t.rows == 2) {
      IntStream.range(0, t.columns).forEach(x -> line("sum = s0%1$d.fma(s1%1$d, sum);", x));
    } else {
      line("sum = %s.add(sum);", sum(names("s0", t.columns)));
    }
    for (int y = t.rows - 1; y >= 0; y--) {
      String down = y == 0 ? "" : " + dstRow";
      line("%sout = to + c%s;", y == t.rows - 1 ? "int " : "", down);
      storeColumns("s" + y, t.columns);
    }
    line("}\n}");
    isNaN();
  }

  private void depthwiseArguments() {
    line(
        """
        PackedDepthwise weights = p.weights;
        float[] w = weights.data();
        int wOff = weights.offset(first);
        int lanes = (end - first) * L;
        int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
        int dstStep = p.dstStep;
        dstOff += weights.firstChannel(first);
        """);
  }

  private void weights(int row) {
    for (int j = 0; j < 3; j++) {
      line("FloatVector w%d%d = fromArray(F, w, k%s);", row, j, plus(1 + 3 * row + j, "L"));
    }
  }

  /** A row of inputs, each with all sums that it is in; padding is left out. */
  private void inputs(Threes t, int r, String edge, int width) {
    if (edge != null) {
      line("if (inside || (e & %s) == 0) {", edge);
    }
    line("at = row%d + from + c;", r);
    for (int x = 0; x < width; x++) {
      if (x > 0) {
        line("at += s;");
      }
      String side = x == 0 ? "LEFT" : x == width - 1 ? "RIGHT" : null;
      if (side != null) {
        line("if (inside || (e & %s) == 0) {", side);
      }
      line("v = fromArray(F, tile, at);");
      for (int q = 0; q < t.rows * t.columns; q++) {
        int i = r - q / t.columns * t.stride;
        int j = x - q % t.columns * t.stride;
        if (i >= 0 && i < 3 && j >= 0 && j < 3) {
          line("s%1$d%2$d = v.fma(w%3$d%4$d, s%1$d%2$d);", q / t.columns, q % t.columns, i, j);
        }
      }
      if (side != null) {
        line("}");
      }
    }
    if (edge != null) {
      line("}");
    }
  }

  /** The last one first: of fewer columns, several are stored to one place. */
  private void storeColumns(String sum, int columns) {
    for (int q = columns - 1; q >= 0; q--) {
      store(sum + q, "dst", "out" + (q == 0 ? "" : " + to" + q));
    }
  }

  private void runs(InRuns t) {
    line(
        """
        // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
        //   clamp(w[l] + sum over t of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))\
        """);
    method(t.name, DEPTHWISE_ARGUMENTS);
    begin(t.effort, "end - first");
    depthwiseArguments();
    line("int width = p.width;\nint[] taps = p.taps.row(y);\nint step = p.taps.step;");
    String apart = t.distance == 1 ? "step" : "apart";
    if (t.distance > 1) {
      line("int apart = step / %d;", t.distance);
    }
    bounds();
    columns(t.columns);
    line("for (int x = 0; x < width; x += %d) {", t.columns);
    line("int column = Math.min(x, width - columns);");
    line("int from = tileOff + column * step;\nint to = dstOff + column * dstStep;");
    line("for (int i = 0; i < lanes; i += L) {");
    line("int c = Math.min(i, last);\nint k = wOff + (1 + taps.length) * i;");
    line("FloatVector s0 = fromArray(F, w, k);");
    each(t.columns, "FloatVector s%d = s0;");
    line("for (int t = 0; t < taps.length; t += %d) {", t.run);
    line("int at = from + c + taps[t];\nint row = k + L + t * L;");
    for (int j = 0; j < t.run; j++) {
      line("FloatVector w%d = fromArray(F, w, row%s);", j, plus(j, "L"));
    }
    for (int x = 0; x < (t.columns - 1) * t.distance + t.run; x++) {
      line("%sv = fromArray(F, tile, at%s);", x == 0 ? "FloatVector " : "", plus(x, apart));
      for (int q = 0; q < t.columns; q++) {
        int tap = x - q * t.distance;
        if (tap >= 0 && tap < t.run) {
          line("s%1$d = v.fma(w%2$d, s%1$d);", q, tap);
        }
      }
    }
    line("}");
    line("sum = %s.add(sum);", sum(names("s", t.columns)));
    line("int out = to + c;");
    storeColumns("s", t.columns);
    line("}\n}");
    isNaN();
  }

  private void anywhere(Anywhere t) {
    line("// all columns");
    method(t.name, DEPTHWISE_ARGUMENTS);
    line("return %s(0, p.width, %s);\n}\n", t.name, DEPTHWISE_CALL);
    line(
        """
        // for (column <= x < end) for (l < lanes) dst[dstOff + x * dstStep + l] = clamp(
        //   w[l] + sum over t in which of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))\
        """);
    method(t.name, "int column, int endColumn, " + DEPTHWISE_ARGUMENTS);
    line("int width = endColumn - column;");
    begin(t.effort, "end - first");
    depthwiseArguments();
    line("int[] taps = p.taps.row(y);\nint[] which = p.taps.inside(edges);");
    line("int step = p.taps.step;");
    line("tileOff += column * step;\ndstOff += column * dstStep;");
    bounds();
    line("int columns = Math.min(%d, width);", t.columns);
    each(t.columns, "int n%1$d = Math.min(%1$d, columns - 1);");
    line("for (int l = 0; l < lanes; l += L) {");
    line("int k = wOff + (1 + taps.length) * l;\nint c = Math.min(l, last);");
    line("for (int x = 0; x < width; x += %d) {", t.columns);
    line("int q = Math.min(x, width - columns);");
    line("int at0 = tileOff + q * step + c;");
    each(t.columns, "int at%1$d = at0 + n%1$d * step;");
    line("FloatVector s0 = fromArray(F, w, k);");
    each(t.columns, "FloatVector s%d = s0;");
    line("for (int i = 0; i < which.length; i++) {\nint t = which[i];");
    line("FloatVector wt = fromArray(F, w, k + (1 + t) * L);\nint tap = taps[t];");
    for (int q = 0; q < t.columns; q++) {
      line("s%1$d = wt.fma(fromArray(F, tile, at%1$d + tap), s%1$d);", q);
    }
    line("}");
    line("sum = %s.add(sum);", sum(names("s", t.columns)));
    line("int to = dstOff + q * dstStep + c;");
    for (int q = 0; q < t.columns; q++) {
      store("s" + q, "dst", "to" + (q == 0 ? "" : " + n" + q + " * dstStep"));
    }
    line("}\n}");
    isNaN();
  }
}
