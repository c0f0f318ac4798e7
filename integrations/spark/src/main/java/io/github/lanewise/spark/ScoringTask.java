package io.github.lanewise.spark;

import io.github.lanewise.image.AwtPixels;
import io.github.lanewise.image.Classification;
import io.github.lanewise.image.ImageInput;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import io.github.lanewise.onnx.NetworkHandle;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;

/**
 * Scores a partition: the last column of its rows becomes their classes. A broadcast, which each
 * JVM has once for as long as it is used, keeps the network between tasks.
 */
record ScoringTask(
    Broadcast<NetworkHandle> sent,
    Scoring.Settings settings,
    String column,
    boolean isImage,
    LongAccumulator scored,
    LongAccumulator empty)
    implements MapPartitionsFunction<Row, Row> {

  private static final System.Logger LOGGER = System.getLogger(ScoringTask.class.getName());

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Batches(rows);
  }

  /** Reads as many rows as a run takes, when those of the run before are used up. */
  private final class Batches implements Iterator<Row> {
    private final Network network = sent.value().network();

    /** For as many images: fewer where a partition ends, or some cannot be read. */
    private final Map<Integer, Network> bySize = new HashMap<>(Map.of(settings.batch(), network));

    private final Iterator<Row> rows;
    private final Queue<Row> done = new ArrayDeque<>();
    private final Port input;
    private final ImageInput images;

    /** Floats of a row. */
    private final int inputLength;

    private final float[][] in;
    private final float[][] out;
    private final int output;
    private final float[] scores;
    private final List<String> labels;
    private boolean isToldOfUnread;

    Batches(Iterator<Row> rows) {
      this.rows = rows;
      if (network.inputs().size() != 1) {
        throw new IllegalArgumentException(
            "the network has the inputs %s, must have one".formatted(network.inputs()));
      }
      this.input = network.inputs().getFirst();
      this.inputLength = input.length() / settings.batch();
      this.images = isImage ? settings.images().apply(ImageInput.builder(input)).build() : null;
      this.output = output();
      this.in = new float[][] {new float[input.length()]};
      this.out =
          network.outputs().stream().map(port -> new float[port.length()]).toArray(float[][]::new);
      this.scores = new float[out[output].length / settings.batch()];
      this.labels =
          settings.labels() == null
              ? IntStream.range(0, scores.length).mapToObj(Integer::toString).toList()
              : settings.labels();
      if (labels.size() != scores.length) {
        throw new IllegalArgumentException(
            "there are %d labels, must be %d: one for each score of %s"
                .formatted(labels.size(), scores.length, network.outputs().get(output)));
      }
    }

    private int output() {
      List<String> names = network.outputs().stream().map(Port::name).toList();
      int found = settings.output() == null ? 0 : names.indexOf(settings.output());
      if (found < 0 || (settings.output() == null && names.size() > 1)) {
        throw new IllegalArgumentException(
            "output = %s must be one of the network's %s"
                .formatted(settings.output(), network.outputs()));
      }
      return found;
    }

    @Override
    public boolean hasNext() {
      if (done.isEmpty() && rows.hasNext()) {
        fill();
      }
      return !done.isEmpty();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return done.remove();
    }

    private void fill() {
      List<Row> batch = new ArrayList<>(settings.batch());
      int[] places = new int[settings.batch()];
      int count = 0;
      while (batch.size() < settings.batch() && rows.hasNext()) {
        Row row = rows.next();
        boolean isThere = write(row.get(row.length() - 1), count * inputLength);
        places[batch.size()] = isThere ? count++ : -1;
        batch.add(row);
      }
      if (count > 0) {
        bySize.computeIfAbsent(count, network::withBatch).run(in, out);
      }
      for (int i = 0; i < batch.size(); i++) {
        done.add(with(batch.get(i), places[i] < 0 ? null : classes(places[i])));
      }
      scored.add(count);
      empty.add(batch.size() - count);
    }

    /** Whether there is something to score. */
    private boolean write(Object value, int offset) {
      switch (value) {
        case null -> {
          return false;
        }
        case byte[] bytes -> {
          BufferedImage image;
          try {
            image = AwtPixels.read(new ByteArrayInputStream(bytes), settings.maxPixels());
          } catch (IOException e) {
            unread(e);
            return false;
          }
          images.write(AwtPixels.of(image), in[0], offset);
        }
        default -> write((scala.collection.Seq<?>) value, offset);
      }
      return true;
    }

    /** Says why, once: a folder may be full of them. */
    private void unread(IOException reason) {
      if (!isToldOfUnread) {
        isToldOfUnread = true;
        LOGGER.log(
            Level.WARNING,
            "column '%s' has an image without classes, maybe more: %s"
                .formatted(column, reason.getMessage()));
      }
    }

    private void write(scala.collection.Seq<?> values, int offset) {
      if (values.length() != inputLength) {
        throw new IllegalArgumentException(
            "column '%s' has an array of %d numbers, must have %d for a row of %s"
                .formatted(column, values.length(), inputLength, input));
      }
      int at = offset;
      for (scala.collection.Iterator<?> each = values.iterator(); each.hasNext(); at++) {
        if (!(each.next() instanceof Float number)) {
          throw new IllegalArgumentException(
              "column '%s' has an array whose element %d is null, must be a number"
                  .formatted(column, at - offset));
        }
        in[0][at] = number;
      }
    }

    private List<Row> classes(int place) {
      System.arraycopy(out[output], place * scores.length, scores, 0, scores.length);
      if (settings.isSoftmax()) {
        Classification.softmax(scores, 0, scores.length);
      }
      return Classification.top(scores, settings.top(), labels).stream()
          .map(each -> RowFactory.create(each.index(), each.label(), each.score()))
          .toList();
    }
  }

  private static Row with(Row row, List<Row> classes) {
    Object[] values = new Object[row.length()];
    Arrays.setAll(values, row::get);
    values[values.length - 1] = classes == null ? null : classes.toArray();
    return RowFactory.create(values);
  }
}
