package io.github.lanewise.network;

import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Residual;
import io.github.lanewise.network.Fusion.Node;
import io.github.lanewise.operators.Selection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Channels in another order, as between ShuffleNet's groups: found among moves, and taken into the
 * weights of a convolution before or after, past what works on each channel by itself.
 */
final class Shuffles {

  private Shuffles() {}

  /** For each channel of a node the one of its input that it was; null where it is no such move. */
  static int[] order(Node n) {
    if (!(n.op instanceof Op.Other(Selection selection, _))) {
      return null;
    }
    int last = n.shape.length - 1;
    for (int axis = 0; axis < last; axis++) {
      if (selection.indices()[axis] != null) {
        return null;
      }
    }
    int[] from = last < 0 ? null : selection.indices()[last];
    return from != null && isPermutation(from, n.input().shape[last]) ? from : null;
  }

  private static boolean isPermutation(int[] from, int channels) {
    boolean[] has = new boolean[channels];
    for (int channel : from) {
      if (channel < 0 || has[channel]) {
        return false;
      }
      has[channel] = true;
    }
    return from.length == channels;
  }

  /** By channel what is for the channels after the move, for those before it. */
  static float[] before(int[] from, float[] values) {
    float[] out = new float[values.length];
    for (int c = 0; c < out.length; c++) {
      out[from[c]] = values[c];
    }
    return out;
  }

  /** Channels split in two axes or more that change their order and are joined again. */
  static void find(Node n) {
    if (!(n.input().op instanceof Op.Transpose(int[] order))) {
      return;
    }
    Node split = n.input().input();
    Node x = split.op instanceof Op.Reshape ? split.input() : split;
    int last = n.shape.length - 1;
    int[] from = last < 0 ? null : fromOf(split.shape, order, n.shape[last]);
    if (from != null && Arrays.equals(x.shape, n.shape)) {
      n.absorb(move(n.shape, from), List.of(x));
    }
  }

  private static Op move(int[] shape, int[] from) {
    int last = shape.length - 1;
    return new Op.Other(Selection.of(shape.length, last, from), new int[][] {shape});
  }

  /** What a transposition does to the last axes, which are the channels; null if to others too. */
  private static int[] fromOf(int[] shape, int[] order, int channels) {
    int first = shape.length;
    int product = 1;
    while (first > 0 && product < channels) {
      product *= shape[--first];
    }
    int last = -1;
    List<Integer> inner = new ArrayList<>();
    for (int axis : order) {
      if (shape[axis] > 1 && axis >= first) {
        inner.addFirst(axis);
      } else if (shape[axis] > 1) {
        if (axis < last || !inner.isEmpty()) {
          return null;
        }
        last = axis;
      }
    }
    if (product != channels) {
      return null;
    }
    int[] from = new int[channels];
    for (int c = 0; c < channels; c++) {
      int rest = c;
      for (int axis : inner) { // the fastest first
        int step = 1;
        for (int i = axis + 1; i < shape.length; i++) {
          step *= shape[i];
        }
        from[c] += rest % shape[axis] * step;
        rest /= shape[axis];
      }
    }
    return from;
  }

  /** A move of what a convolution in one group makes is an order of its filters. */
  static boolean takeOutput(Node n) {
    int[] from = order(n);
    if (from != null
        && n.input().readers == 1
        && n.input().op instanceof Op.Conv conv
        && conv.shape().groups() == 1
        && conv.residual() == Residual.NONE) {
      n.absorb(reordered(conv, from), n.input().inputs);
      return true;
    }
    return false;
  }

  private static Op.Conv reordered(Op.Conv conv, int[] from) {
    ConvWeights weights = conv.weights().reordered(conv.shape(), from);
    float[] slope = conv.slope();
    if (slope != null) {
      slope = new float[from.length];
      for (int c = 0; c < from.length; c++) {
        slope[c] = conv.slope()[from[c]];
      }
    }
    return new Op.Conv(conv.shape(), weights, conv.activation(), slope, conv.residual());
  }

  /** A move before a convolution is an order of its inputs; a depthwise one comes before it. */
  static void takeInput(Node n, Op.Conv conv) {
    Node move = n.input();
    int[] from = order(move);
    ConvShape shape = conv.shape();
    if (from == null) {
      return;
    }
    if (!shape.isDepthwise() || shape.groups() == 1) {
      List<Node> inputs = new ArrayList<>(n.inputs);
      inputs.set(0, move.input());
      ConvWeights weights = conv.weights().reading(shape, from);
      n.absorb(
          new Op.Conv(shape, weights, conv.activation(), conv.slope(), conv.residual()), inputs);
    } else if (move.readers == 1
        && shape.outChannels() == shape.inChannels()
        && conv.residual() == Residual.NONE) {
      int[] to = new int[from.length];
      for (int c = 0; c < to.length; c++) {
        to[from[c]] = c;
      }
      n.swap(reordered(conv, to), n.shape, move(n.shape, from));
    }
  }
}
