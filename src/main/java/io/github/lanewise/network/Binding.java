package io.github.lanewise.network;

import io.github.lanewise.network.Arena.Storage;
import io.github.lanewise.network.Fusion.Node;
import io.github.lanewise.operators.Operator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives every tensor of a program its place: in the caller's arrays where their layout is the
 * network's own, else in the arena. Arrays are numbered: 0 the arena, then the inputs, the outputs,
 * the constants.
 */
final class Binding {
  private static final int[] TO_NCHW = {0, 3, 1, 2};

  /** A step whose operands have no place yet. */
  private record Draft(Node node, Operator operator, List<Storage> in, List<Storage> out) {}

  final List<Step> steps;
  final List<Storage> arena = new ArrayList<>();
  final List<float[]> constants = new ArrayList<>();
  final long arenaFloats;

  private final Lowering.Program program;
  private final List<Port> inputs;
  private final List<Port> outputs;
  private final List<Draft> drafts = new ArrayList<>();
  private int inputsBound;
  private final Map<Node, Storage> storageOf = new HashMap<>();
  private final Map<Node, Integer> outputOf = new HashMap<>();
  private final Map<Node, Integer> unread = new HashMap<>();

  /** What reads an input in NCHW as it is, where it can. */
  private final Map<Node, Operator> ofPlanes = new HashMap<>();

  /** The results after the first that somebody reads. */
  private final Map<Node, List<Node>> resultsOf = new HashMap<>();

  Binding(Lowering.Program program, List<Port> inputs, List<Port> outputs) {
    this.program = program;
    this.inputs = inputs;
    this.outputs = outputs;
    boolean[] direct = chooseOutputs();
    for (Node node : program.nodes()) {
      node.inputs.forEach(input -> unread.merge(root(input), 1, Integer::sum));
      if (node.op instanceof Op.Result) {
        resultsOf.computeIfAbsent(node.input(), n -> new ArrayList<>()).add(node);
      }
    }
    program.nodes().forEach(this::bind);
    for (int i = 0; i < direct.length; i++) {
      if (!direct[i]) {
        copyOut(i);
      }
    }
    this.arenaFloats = Arena.place(arena);
    this.steps =
        drafts.stream()
            .map(d -> new Step(d.node.name, d.operator, d.node.shape, d.in, d.out))
            .toList();
  }

  /** Which outputs are computed in the caller's array at once. */
  private boolean[] chooseOutputs() {
    boolean[] direct = new boolean[outputs.size()];
    for (int i = 0; i < direct.length; i++) {
      Node root = root(program.outputs().get(i));
      direct[i] =
          !(root.op instanceof Op.Input)
              && !(root.op instanceof Op.Constant)
              && !isMoved(outputs.get(i).layout(), program.outputs().get(i).shape)
              && outputOf.putIfAbsent(root, i) == null;
      if (!direct[i]) {
        unread.merge(root, 1, Integer::sum);
      }
    }
    return direct;
  }

  /** The node whose result a chain of reshapes shows. */
  private static Node root(Node node) {
    Node found = node;
    while (found.op instanceof Op.Reshape) {
      found = found.input();
    }
    return found;
  }

  /** Whether NCHW is another order than NHWC for this shape. */
  private static boolean isMoved(Layout layout, int[] s) {
    return layout == Layout.NCHW && s[0] > 0 && s[3] > 1 && s[1] * s[2] > 1;
  }

  private void bind(Node n) {
    switch (n.op) {
      case Op.Reshape _, Op.Result _ -> {
        // its root's storage, or what it has since that was computed
      }
      case Op.Input _ -> input(n);
      case Op.Constant(float[] values) -> {
        storageOf.put(
            n, new Storage(values.length, 1 + inputs.size() + outputs.size() + constants.size()));
        constants.add(values);
      }
      case Op.Concat _ -> {
        Storage dst = destination(n);
        for (int i = 0; i < n.inputs.size(); i++) {
          Operator copy = program.operators().get(n).get(i);
          step(n, copy, List.of(storage(n.inputs.get(i))), List.of(dst));
        }
      }
      default -> compute(n, ofPlanes.getOrDefault(n, program.operators().get(n).getFirst()));
    }
    n.inputs.forEach(input -> unread.merge(root(input), -1, Integer::sum));
  }

  private void input(Node n) {
    int i = inputsBound++; // ports have the order of the nodes
    Storage given = new Storage(inputs.get(i).length(), 1 + i);
    boolean isMoved = isMoved(inputs.get(i).layout(), n.shape) && unread.getOrDefault(n, 0) > 0;
    if (isMoved && !isReadAsPlanes(n)) {
      int[] nchw = {n.shape[0], n.shape[3], n.shape[1], n.shape[2]};
      Storage nhwc = destination(n);
      Operator transpose = new Movement.Transpose(nchw, new int[] {0, 2, 3, 1});
      step(n, transpose, List.of(given), List.of(nhwc));
    } else {
      storageOf.put(n, given);
    }
  }

  /** Has the convolution that alone reads an input in NCHW do so, if it can. */
  private boolean isReadAsPlanes(Node input) {
    for (Node n : unread.get(input) == 1 ? program.nodes() : List.<Node>of()) {
      if (n.op instanceof Op.Planned
          && n.input().equals(input)
          && program.operators().get(n).getFirst() instanceof Lowering.Convolution reader) {
        Optional<Operator> planar = reader.ofPlanes();
        planar.ifPresent(operator -> ofPlanes.put(n, operator));
        return planar.isPresent();
      }
    }
    return false;
  }

  private void compute(Node n, Operator operator) {
    List<Node> reads = n.inputs;
    if (operator.commutes() && !dies(reads.get(0)) && dies(reads.get(1))) {
      reads = reads.reversed();
    }
    boolean inPlace = operator.worksInPlace() && dies(reads.getFirst()) && !outputOf.containsKey(n);
    List<Storage> out = new ArrayList<>();
    if (inPlace) {
      storageOf.put(n, storage(reads.getFirst()));
      out.add(storage(n));
    } else {
      out.add(destination(n));
    }
    if (n.op instanceof Op.Other(_, int[][] shapes)) {
      for (int i = 1; i < shapes.length; i++) {
        out.add(result(n, i, shapes[i]));
      }
    }
    step(n, operator, reads.stream().map(this::storage).toList(), out);
  }

  /** Where a result after the first lies; one that nobody reads needs a place all the same. */
  private Storage result(Node n, int index, int[] shape) {
    for (Node reader : resultsOf.getOrDefault(n, List.of())) {
      if (((Op.Result) reader.op).index() == index) {
        return destination(reader);
      }
    }
    Storage scratch = new Storage(Shapes.elements(n.name, shape), 0);
    arena.add(scratch);
    return scratch;
  }

  /** Whether this is the last read of a tensor in the arena. */
  private boolean dies(Node read) {
    Node root = root(read);
    return unread.get(root) == 1 && storage(root).array == 0;
  }

  private Storage destination(Node n) {
    Integer output = outputOf.get(n);
    int size = Shapes.elements(n.name, n.shape);
    Storage storage = new Storage(size, output == null ? 0 : 1 + inputs.size() + output);
    if (output == null) {
      arena.add(storage);
    }
    storageOf.put(n, storage);
    return storage;
  }

  private Storage storage(Node n) {
    return storageOf.get(root(n));
  }

  private void copyOut(int i) {
    Node n = program.outputs().get(i);
    int[] s = n.shape;
    boolean moved = isMoved(outputs.get(i).layout(), s);
    int size = Shapes.elementsOrNone(n.name, s);
    if (size == 0) {
      return;
    }
    Operator copy =
        moved ? new Movement.Transpose(s, TO_NCHW) : new Movement.Copy(1, size, size, 0);
    Storage dst = new Storage(size, 1 + inputs.size() + i);
    step(n, copy, List.of(storage(n)), List.of(dst));
  }

  private void step(Node n, Operator operator, List<Storage> in, List<Storage> out) {
    in.forEach(s -> s.usedBy(drafts.size()));
    out.forEach(s -> s.usedBy(drafts.size()));
    drafts.add(new Draft(n, operator, in, out));
  }
}
