package io.github.lanewise.onnx;

import io.github.lanewise.operators.MatrixProduct;
import io.github.lanewise.operators.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Einsum of one or two tensors: axes that only one has are summed first, and two tensors are then a
 * product of matrices, whose batch is what both and the result have.
 */
final class EinsumOp {

  /** A tensor whose axes have labels; those of an ellipsis are digits, counted from the last. */
  private record Labelled(Value.View view, String labels) {
    int size(char label) {
      return view.shape()[labels.indexOf(label)];
    }

    boolean has(char label) {
      return labels.indexOf(label) >= 0;
    }

    Labelled ordered(String order) {
      int[] perm = order.chars().map(labels::indexOf).toArray();
      return new Labelled(ShapeOps.transposed(view, perm), order);
    }
  }

  private EinsumOp() {}

  static Value read(Importer in, Attributes node) {
    String equation = node.text("equation", "").replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (sides.length > 2 || terms.length != node.inputs().size() || terms.length > 2) {
      throw new OnnxException(
          "equation %s with %d inputs: one term for each of one or two inputs is supported"
              .formatted(Attributes.quoted(equation), node.inputs().size()));
    }
    List<Labelled> from = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      Value.View view = in.view(node, i);
      from.add(new Labelled(view, labels(terms[i], view.shape().length)));
    }
    String out = sides.length == 2 ? expanded(sides[1], ellipsis(from)) : implied(from);
    if (out.length() > Tensors.MAX_AXES) {
      throw new OnnxException(
          "the result has %d axes; at most %d are supported"
              .formatted(out.length(), Tensors.MAX_AXES));
    }
    check(from, out);
    Labelled first = summed(in, from.getFirst(), out, terms.length == 1 ? "" : from.get(1).labels);
    if (terms.length == 1) {
      return first.ordered(out).view;
    }
    Labelled second = summed(in, from.get(1), out, first.labels);
    return product(in, first, second, out);
  }

  /** The labels of a term for so many axes. */
  private static String labels(String term, int axes) {
    int named = term.replace("...", "").length();
    String rest = "9876543210".substring(10 - Math.clamp(axes - named, 0, 10));
    String labels = expanded(term, rest);
    boolean isPlain = labels.chars().allMatch(c -> Character.isLetterOrDigit(c) && c < 128);
    if (labels.length() != axes || !isPlain) {
      throw new OnnxException(
          "term %s does not fit a tensor of %d axes".formatted(Attributes.quoted(term), axes));
    }
    if (labels.chars().distinct().count() != axes) {
      throw new OnnxException(
          "term %s names an axis twice, which is not supported".formatted(Attributes.quoted(term)));
    }
    return labels;
  }

  private static String expanded(String term, String ellipsis) {
    return term.replace("...", ellipsis);
  }

  /** The longest ellipsis of the terms. */
  private static String ellipsis(List<Labelled> from) {
    String longest = "";
    for (Labelled each : from) {
      String digits = each.labels.replaceAll("\\D", "");
      longest = digits.length() > longest.length() ? digits : longest;
    }
    return longest;
  }

  /** Without a right side: the ellipsis, then in the order of letters all that occur once. */
  private static String implied(List<Labelled> from) {
    StringBuilder all = new StringBuilder();
    from.forEach(each -> all.append(each.labels));
    StringBuilder out = new StringBuilder(ellipsis(from));
    all.chars()
        .filter(c -> !Character.isDigit(c))
        .sorted()
        .filter(c -> all.indexOf(Character.toString(c)) == all.lastIndexOf(Character.toString(c)))
        .forEach(c -> out.append((char) c));
    return out.toString();
  }

  private static void check(List<Labelled> from, String out) {
    Map<Character, Integer> sizes = new HashMap<>();
    for (Labelled each : from) {
      for (int i = 0; i < each.labels.length(); i++) {
        int size = each.view.shape()[i];
        Integer known = sizes.putIfAbsent(each.labels.charAt(i), size);
        if (known != null && known != size) {
          throw new OnnxException(
              "axis %s has the sizes %d and %d".formatted(each.labels.charAt(i), known, size));
        }
      }
    }
    for (int i = 0; i < out.length(); i++) {
      if (!sizes.containsKey(out.charAt(i)) || out.indexOf(out.charAt(i)) != i) {
        throw new OnnxException(
            "axis %s of the result must be one of the inputs', named once"
                .formatted(out.charAt(i)));
      }
    }
  }

  /** Without axes that neither the result nor the other tensor has. */
  private static Labelled summed(Importer in, Labelled x, String out, String other) {
    int[] alone =
        x.labels
            .chars()
            .filter(c -> out.indexOf(c) < 0 && other.indexOf(c) < 0)
            .map(x.labels::indexOf)
            .toArray();
    if (alone.length == 0) {
      return x;
    }
    int[] places = Arrays.stream(alone).map(axis -> Importer.place(x.view, axis)).toArray();
    Value sum =
        Operations.apply(in, new Reduction(Reduction.Kind.SUM, places), x.view.type(), x.view);
    String left = only(x.labels, c -> out.indexOf(c) >= 0 || other.indexOf(c) >= 0);
    int[] shape = left.chars().map(c -> x.size((char) c)).toArray();
    return new Labelled((Value.View) ShapeOps.reshapedTo(in, sum, shape), left);
  }

  private static String only(String labels, IntPredicate isOne) {
    StringBuilder out = new StringBuilder();
    labels.chars().filter(isOne).forEach(c -> out.append((char) c));
    return out.toString();
  }

  private static Value product(Importer in, Labelled a, Labelled b, String out) {
    String batch = only(a.labels, c -> b.has((char) c) && out.indexOf(c) >= 0);
    String joined = only(a.labels, c -> b.has((char) c) && out.indexOf(c) < 0);
    String rows = only(a.labels, c -> !b.has((char) c));
    String columns = only(b.labels, c -> !a.has((char) c));
    Value.View first = matrices(in, a, batch, rows, joined);
    Value.View second = matrices(in, b, batch, joined, columns);
    Value made =
        Operations.apply(
                in,
                new MatrixProduct(),
                a.view.type(),
                Importer.identity(3),
                in.plain(first),
                in.plain(second))
            .getFirst();
    in.charge(2L * first.shape()[0]); // where each begins
    String labels = batch + rows + columns;
    int[] shape = labels.chars().map(c -> (a.has((char) c) ? a : b).size((char) c)).toArray();
    Value.View parted = (Value.View) ShapeOps.reshapedTo(in, made, shape);
    return new Labelled(parted, labels).ordered(out).view;
  }

  /** Three axes: the batch, rows and columns. */
  private static Value.View matrices(
      Importer in, Labelled x, String batch, String rows, String columns) {
    int[] shape = {size(x, batch), size(x, rows), size(x, columns)};
    Value.View ordered = x.ordered(batch + rows + columns).view;
    return (Value.View) ShapeOps.reshapedTo(in, ordered, shape);
  }

  private static int size(Labelled x, String labels) {
    return labels.chars().map(c -> x.size((char) c)).reduce(1, Math::multiplyExact);
  }
}
