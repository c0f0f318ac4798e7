package io.github.lanewise.peers;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.jmh.layers.Stage;
import io.github.lanewise.jmh.layers.Workload;
import io.github.lanewise.jmh.peer.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * oneDNN through JavaCPP. Bias and clamp are fused into the primitive (a post-op). A separable
 * block is two primitives, the second reading what the first wrote: oneDNN fuses a depthwise
 * convolution behind a pointwise one only, not before it.
 */
public abstract class OneDnn implements Peer {

  /** Tensors stay NHWC, as ours do. */
  public static final class Nhwc extends OneDnn {
    /** For the service loader. */
    public Nhwc() {
      super("onednn-nhwc", "tensors NHWC");
    }

    @Override
    format_tag layout(int channels) {
      return format_tag.nhwc;
    }
  }

  /** Tensors in blocks of as many channels as a vector has lanes, the layout of its kernels. */
  public static final class Blocked extends OneDnn {
    /** For the service loader. */
    public Blocked() {
      super("onednn-blocked", "tensors in blocks of a vector's channels");
    }

    /** An image of a few channels is left to oneDNN: it has kernels for just that. */
    @Override
    format_tag layout(int channels) {
      int lanes = lanes();
      return channels < lanes
          ? format_tag.any
          : lanes == 16 ? format_tag.nChw16c : format_tag.nChw8c;
    }
  }

  private final String name;
  private final String layout;

  OneDnn(String name, String layout) {
    this.name = name;
    this.layout = layout;
  }

  /** The layout of tensors with so many channels. */
  abstract format_tag layout(int channels);

  /** Lanes of the widest vector that oneDNN may use. */
  static int lanes() {
    return (dnnl.dnnl_get_effective_cpu_isa() & dnnl.dnnl_cpu_isa_avx512_core)
            == dnnl.dnnl_cpu_isa_avx512_core
        ? 16
        : 8;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String describe(int threads) {
    OpenMp.setThreads(threads);
    return String.format(
        Locale.ROOT,
        "oneDNN %s, vectors of %d floats, %s, bias and clamp fused, %d %s of OpenMP",
        Versions.of("org.bytedeco", "dnnl"),
        lanes(),
        layout,
        threads,
        threads == 1 ? "thread" : "threads");
  }

  @Override
  public Run prepare(Workload workload, int threads) {
    return new Chain(this, workload, threads);
  }

  private record Step(convolution_forward convolution, IntMemoryMap arguments) {}

  private static final class Chain implements Run {
    /** Not on the heap, so to be closed. */
    private final List<Pointer> kept = new ArrayList<>();

    private final engine cpu = keep(new engine(engine.kind.cpu, 0));
    private final stream queue = keep(new stream(cpu));
    private final List<Step> steps = new ArrayList<>();
    private final OneDnn owner;
    private final memory dst;
    private final ConvShape last;

    Chain(OneDnn owner, Workload workload, int threads) {
      OpenMp.setThreads(threads);
      this.owner = owner;
      List<Stage> stages = workload.stages();
      memory tensor = null;
      for (Stage stage : stages) {
        var plan = plan(stage, tensor == null ? null : tensor.get_desc());
        if (tensor == null) {
          ConvShape s = stage.shape();
          long[] dims = {1, s.inChannels(), s.inHeight(), s.inWidth()};
          tensor = packed(workload.src(), dims, format_tag.nhwc, plan.src_desc());
        }
        IntMemoryMap map = keep(new IntMemoryMap());
        map.put(DNNL_ARG_SRC, tensor);
        map.put(
            DNNL_ARG_WEIGHTS,
            packed(
                stage.weights(), weightDims(stage), weightTag(stage.shape()), plan.weights_desc()));
        long[] n = {stage.bias().length};
        map.put(DNNL_ARG_BIAS, packed(stage.bias(), n, format_tag.x, plan.bias_desc()));
        tensor = keep(new memory(plan.dst_desc(), cpu));
        map.put(DNNL_ARG_DST, tensor);
        steps.add(new Step(keep(new convolution_forward(plan)), map));
      }
      this.dst = tensor;
      this.last = stages.getLast().shape();
    }

    private convolution_forward.primitive_desc plan(Stage stage, memory.desc src) {
      ConvShape s = stage.shape();
      long[] in = {1, s.inChannels(), s.inHeight(), s.inWidth()};
      long[] out = {1, s.outChannels(), s.outHeight(), s.outWidth()};
      post_ops clamp = new post_ops();
      Activation a = stage.activation();
      if (a.equals(Activation.RELU)) {
        clamp.append_eltwise(dnnl.algorithm.eltwise_relu, 0, 0);
      } else if (!a.equals(Activation.NONE)) {
        clamp.append_eltwise(dnnl.algorithm.eltwise_clip, a.lower(), a.upper());
      }
      primitive_attr fused = new primitive_attr();
      fused.set_post_ops(clamp);
      return new convolution_forward.primitive_desc(
          cpu,
          dnnl.prop_kind.forward_inference,
          dnnl.algorithm.convolution_auto,
          src != null ? src : floats(in, owner.layout(s.inChannels())),
          floats(weightDims(stage), format_tag.any),
          floats(new long[] {s.outChannels()}, format_tag.any),
          floats(out, owner.layout(s.outChannels())),
          new long[] {s.strideHeight(), s.strideWidth()},
          new long[] {s.dilationHeight() - 1, s.dilationWidth() - 1},
          new long[] {s.padTop(), s.padLeft()},
          stage.paddingAfter(),
          fused,
          false);
    }

    private static long[] weightDims(Stage stage) {
      ConvShape s = stage.shape();
      return s.groups() == 1
          ? new long[] {s.outChannels(), s.inChannels(), s.kernelHeight(), s.kernelWidth()}
          : new long[] {
            s.groups(),
            s.outChannelsPerGroup(),
            s.inChannelsPerGroup(),
            s.kernelHeight(),
            s.kernelWidth()
          };
    }

    private static format_tag weightTag(ConvShape shape) {
      return shape.groups() == 1 ? format_tag.hwio : format_tag.hwigo;
    }

    private static memory.desc floats(long[] dims, format_tag tag) {
      return new memory.desc(dims, memory.data_type.f32, tag);
    }

    private <P extends Pointer> P keep(P pointer) {
      kept.add(pointer);
      return pointer;
    }

    /** An array in the layout that a primitive wants. */
    private memory packed(float[] values, long[] dims, format_tag tag, memory.desc wanted) {
      memory plain = keep(new memory(floats(dims, tag), cpu));
      new FloatPointer(plain.get_data_handle()).put(values);
      return keep(moved(plain, wanted));
    }

    private memory moved(memory from, memory.desc wanted) {
      memory to = new memory(wanted, cpu);
      new reorder(from, to).execute(queue, from, to);
      queue._wait();
      return to;
    }

    @Override
    public void run() {
      for (Step step : steps) {
        step.convolution.execute(queue, step.arguments);
      }
      queue._wait();
    }

    @Override
    public float[] result() {
      long[] dims = {1, last.outChannels(), last.outHeight(), last.outWidth()};
      try (memory plain = moved(dst, floats(dims, format_tag.nhwc))) {
        float[] values = new float[last.dstLength()];
        new FloatPointer(plain.get_data_handle()).get(values);
        return values;
      }
    }

    @Override
    public void close() {
      kept.reversed().forEach(Pointer::close);
    }
  }
}
