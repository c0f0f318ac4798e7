package io.github.lanewise.peers;

import dev.ludovic.netlib.blas.JavaBLAS;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Stage;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.layers.Workload;
import io.github.lanewise.jmh.peer.Peer;
import java.util.Optional;

/**
 * Pointwise convolution as the matrix product that it is, by {@code dev.ludovic.netlib:blas}, whose
 * {@code VectorBLAS} is the known pure Java contender. It has nothing to fuse bias and activation
 * into, so a pass over the result follows, as an application would write it.
 */
public final class Netlib implements Peer {

  @Override
  public String name() {
    return "netlib";
  }

  @Override
  public boolean isJava() {
    return true;
  }

  @Override
  public String describe(int threads) {
    return "netlib %s, %s.sgemm over NHWC, bias and activation in a pass of their own, 1 thread"
        .formatted(
            Versions.of("dev.ludovic.netlib", "blas"),
            JavaBLAS.getInstance().getClass().getSimpleName());
  }

  @Override
  public Optional<String> cannot(Target target, int threads) {
    if (threads > 1) {
      return Optional.of("computes on the caller's thread alone");
    }
    return target.operator() == Operator.POINTWISE && target.shape().strideHeight() == 1
        ? Optional.empty()
        : Optional.of("multiplies matrices, which only a pointwise layer of stride 1 is");
  }

  @Override
  public Run prepare(Workload workload, int threads) {
    return new Product(workload.stages().getFirst(), workload.src());
  }

  private static final class Product implements Run {
    private final JavaBLAS blas = JavaBLAS.getInstance();
    private final float[] src;
    private final float[] weights;
    private final float[] bias;
    private final float[] dst;
    private final int depth;
    private final float lower;
    private final float upper;

    Product(Stage stage, float[] src) {
      this.src = src;
      this.bias = stage.bias();
      this.dst = new float[stage.shape().dstLength()];
      this.depth = stage.shape().inChannels();
      this.weights = new float[depth * bias.length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = stage.weights()[i % depth * bias.length + i / depth];
      }
      this.lower = stage.activation().lower();
      this.upper = stage.activation().upper();
    }

    /**
     * BLAS stores by columns, so the product is of the transposes. The weights are stored by output
     * channel and transposed by the call, which is the faster of both ways on every layer tried.
     */
    @Override
    public void run() {
      int n = bias.length;
      blas.sgemm("T", "N", n, dst.length / n, depth, 1f, weights, depth, src, depth, 0f, dst, n);
      for (int from = 0; from < dst.length; from += n) {
        for (int i = 0; i < n; i++) {
          dst[from + i] = Math.min(Math.max(dst[from + i] + bias[i], lower), upper);
        }
      }
    }

    @Override
    public float[] result() {
      return dst;
    }
  }
}
