package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.L;

import io.github.lanewise.Activation;
import io.github.lanewise.jvm.Gate;
import io.github.lanewise.jvm.Warmup;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The kernels on the Vector API: the same source for 128, 256 and 512 bits. {@link KernelProvider}
 * makes one where the incubator module is there; what it refers to alone refers to that module.
 *
 * <p>They need no warm-up. Until C2 has compiled vector code its vectors are objects, at a hundred
 * times the time of plain Java and megabytes of garbage a millisecond. So long {@link PlainKernels}
 * does the work, or a small tile that takes C2 less time ({@link Gate}, {@link Warmup}). Both give
 * the same bits (of a NaN only that it is one), so results do not depend on which code ran, nor on
 * when the change came.
 *
 * <p>What takes long while cold has methods of its own, so that the others are inlined.
 */
final class VectorKernels extends PlainKernels {

  private final Warmup warmup = new Warmup();
  private final Map<MatrixKernel, Gate> gemm = new EnumMap<>(MatrixKernel.class);
  private final Map<DepthwiseKernel, Gate> depthwise = new EnumMap<>(DepthwiseKernel.class);
  private final Map<Activation.Kind, Gate> activate = new EnumMap<>(Activation.Kind.class);
  private final Gate smallGemm;
  private final Gate smallDepthwise;
  private final Gate gather = new FloatsGate("gather", 1, FloatsGate::gather);
  private final Gate add = new FloatsGate("add", 2, FloatsGate::add);
  private final Gate max = new FloatsGate("max", 2, FloatsGate::max);
  private final Gate prelu = new FloatsGate("prelu", 1, FloatsGate::prelu);

  /** Each with something slower in its place until it is compiled. */
  VectorKernels() {
    for (MatrixKernel kernel : MatrixKernel.values()) {
      int columns = kernel.vectors * L;
      boolean isSmall = kernel.effort == 1;
      boolean isUsed = kernel.effort > 0 && panelColumns(columns, kernel.inRuns).length == 1;
      if (isSmall || isUsed) {
        gemm.put(kernel, new MatrixGate(kernel, this));
      }
    }
    for (DepthwiseKernel kernel : DepthwiseKernel.values()) {
      if (kernel.effort > 0) {
        depthwise.put(kernel, new DepthwiseGate(kernel, this));
      }
    }
    for (Activation.Kind kind :
        EnumSet.complementOf(EnumSet.of(Activation.Kind.NONE, Activation.Kind.CLAMP))) {
      activate.put(kind, new FloatsGate(kind));
    }
    smallGemm = gemm.get(MatrixKernel.GEMM4X1);
    smallDepthwise = depthwise.get(DepthwiseKernel.TAPS4);
  }

  /** Has vector code do everything from the first call on, compiled or not. */
  VectorKernels open() {
    gates().forEach(Gate::open);
    return this;
  }

  /** All there are. */
  Stream<Gate> gates() {
    return Stream.of(
            gemm.values().stream(),
            depthwise.values().stream(),
            activate.values().stream(),
            Stream.of(gather, add, max, prelu))
        .flatMap(each -> each);
  }

  @Override
  public int vectorBits() {
    return Lanes.F.vectorBitSize();
  }

  @Override
  public String description() {
    int widest = VectorGemm.widest(false);
    return String.format(
        Locale.ROOT,
        "vector kernels, %d bits, tiles gemm%dx%dv, gemm6x2v and gemm8x1v",
        vectorBits(),
        VectorGemm.kernel(widest, false).rows,
        widest);
  }

  @Override
  public int channelBlock(int channels) {
    return L;
  }

  @Override
  public int[] panelColumns(int columns, boolean inRuns) {
    int wide = VectorGemm.widest(inRuns);
    int[] vectors = VectorGemm.panelVectors(Math.ceilDiv(columns, L), wide);
    return Arrays.stream(vectors).map(v -> v * L).toArray();
  }

  @Override
  public boolean rowsApart() {
    return false;
  }

  @Override
  public MatrixKernel matrix(int panelColumns, boolean inRuns) {
    return VectorGemm.kernel(panelColumns / L, inRuns);
  }

  @Override
  public DepthwiseKernel depthwise(DepthwiseTaps taps, int width) {
    return VectorDepthwise.kernel(taps, width);
  }

  @Override
  public void planned(MatrixArgs p) {
    warmup.planned(smallGemm);
    warmup.planned(gemm.get(p.kernel()));
  }

  @Override
  public void planned(DepthwiseArgs p) {
    warmup.planned(smallDepthwise);
    warmup.planned(depthwise.get(p.kernel()));
  }

  @Override
  public void planned(Activation activation) {
    if (!activation.isClamp()) {
      warmup.planned(activate.get(activation.kind()));
    }
  }

  @Override
  public boolean warmUp() {
    return warmup.advance();
  }

  @Override
  public List<String> waiting() {
    return warmup.waiting().stream().map(Gate::toString).toList();
  }

  @Override
  public void depthwise(
      DepthwiseArgs p, int edges, float[] src, int from, int first, int end, float[] dst, int to) {
    if (depthwise.get(p.kernel()).isWarm()) {
      VectorDepthwise.rows(p.kernel(), p, edges, src, from, first, end, dst, to);
    } else {
      depthwiseCold(p, edges, src, from, first, end, dst, to);
    }
  }

  private void depthwiseCold(
      DepthwiseArgs p, int edges, float[] src, int from, int first, int end, float[] dst, int to) {
    long since = System.nanoTime();
    if (smallDepthwise.isWarm()) {
      VectorDepthwise.rows(DepthwiseKernel.TAPS4, p, edges, src, from, first, end, dst, to);
    } else {
      super.depthwise(p, edges, src, from, first, end, dst, to);
      smallDepthwise.missed(System.nanoTime() - since);
    }
    warmup.worked(depthwise.get(p.kernel()), since);
  }

  @Override
  public void gemm(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, float[][] work) {
    if (gemm.get(p.kernel()).isWarm()) {
      VectorGemm.gemm(p.kernel(), p, rows, a, aOff, c, cOff, ldc);
    } else {
      gemmCold(p, rows, a, aOff, c, cOff, ldc, work);
    }
  }

  private void gemmCold(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, float[][] work) {
    long since = System.nanoTime();
    if (smallGemm.isWarm()) {
      VectorGemm.gemm(MatrixKernel.GEMM4X1, p, rows, a, aOff, c, cOff, ldc);
    } else {
      super.gemm(p, rows, a, aOff, c, cOff, ldc, work);
      smallGemm.missed(System.nanoTime() - since);
    }
    warmup.worked(gemm.get(p.kernel()), since);
  }

  @Override
  public void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    if (gather.isWarm()) {
      VectorFloats.gather(rows, depth, src, srcOff, srcStep, a, aOff, lda);
      return;
    }
    long since = System.nanoTime();
    super.gather(rows, depth, src, srcOff, srcStep, a, aOff, lda);
    warmup.worked(gather, since);
  }

  /** A clamp is left to plain Java, which C2 makes vectors of. */
  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    if (activation.isClamp()) {
      super.activate(activation, count, data, offset);
      return;
    }
    Gate gate = activate.get(activation.kind());
    if (gate.isWarm()) {
      int whole = count / L * L;
      VectorFloats.activate(
          activation.kind(), activation.alpha(), activation.beta(), whole, data, offset);
      super.activate(activation, count - whole, data, offset + whole);
      return;
    }
    long since = System.nanoTime();
    super.activate(activation, count, data, offset);
    warmup.worked(gate, since);
  }

  @Override
  public void add(
      int count, float[] data, int offset, float[] other, int otherOffset, Clamp clamp) {
    if (add.isWarm()) {
      int whole = count / L * L;
      VectorFloats.add(whole, data, offset, other, otherOffset, clamp);
      super.add(count - whole, data, offset + whole, other, otherOffset + whole, clamp);
      return;
    }
    long since = System.nanoTime();
    super.add(count, data, offset, other, otherOffset, clamp);
    warmup.worked(add, since);
  }

  @Override
  public void max(PoolArgs p, int taps, float[] src, int from, float[] dst, int to) {
    if (p.count() < L) { // no vector holds so few: the work of plain Java, not of a stand-in
      super.max(p, taps, src, from, dst, to);
      return;
    }
    if (max.isWarm()) {
      VectorFloats.max(p, p.count() / L * L, taps, src, from, dst, to);
      if (p.count() % L > 0) { // the last vector begins earlier: no maximum changes by that
        int i = p.count() - L;
        VectorFloats.max(p, L, taps, src, from + i, dst, to + i);
      }
      return;
    }
    long since = System.nanoTime();
    super.max(p, taps, src, from, dst, to);
    warmup.worked(max, since);
  }

  @Override
  public void prelu(int count, float[] data, int offset, float[] slope, int slopeOffset) {
    if (prelu.isWarm()) {
      int whole = count / L * L;
      VectorFloats.prelu(whole, data, offset, slope, slopeOffset);
      super.prelu(count - whole, data, offset + whole, slope, slopeOffset + whole);
      return;
    }
    long since = System.nanoTime();
    super.prelu(count, data, offset, slope, slopeOffset);
    warmup.worked(prelu, since);
  }
}
