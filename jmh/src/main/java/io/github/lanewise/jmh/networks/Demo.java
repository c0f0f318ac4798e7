package io.github.lanewise.jmh.networks;

import io.github.lanewise.Backend;
import io.github.lanewise.image.AwtPixels;
import io.github.lanewise.image.Channels;
import io.github.lanewise.image.Detection;
import io.github.lanewise.image.Fit;
import io.github.lanewise.image.ImageInput;
import io.github.lanewise.image.Placement;
import io.github.lanewise.jmh.WarmUp;
import io.github.lanewise.jmh.report.Statistics;
import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import io.github.lanewise.network.Step;
import io.github.lanewise.onnx.OnnxReader;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command behind {@code scripts/demo}. */
@Command(
    name = "scripts/demo",
    description = {
      "Finds faces (BlazeFace or YuNet) and a body (PoseNet) in a photo, in pure Java, draws them,"
          + " and prints the time of each network and of its layers.",
      ""
    },
    mixinStandardHelpOptions = true)
public final class Demo implements Callable<Integer> {
  private static final long WARM_UP_NANOS = 1_000_000_000L;
  private static final long MEASURED_NANOS = 2_000_000_000L;
  private static final int LAYERS = 10;

  /** Of a photo: beyond cameras, within the heap of most. */
  private static final int MAX_PIXELS = 100_000_000;

  @Parameters(
      arity = "0..1",
      paramLabel = "PHOTO",
      description = "PNG, JPEG, BMP or GIF. Default: an astronaut.")
  private Path photo;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The picture to write, .png or .jpg. Default: target/demo.png.")
  private Path out;

  @Option(
      names = "--yunet",
      paramLabel = "FILE",
      description =
          "Find faces by this YuNet instead: onnx/yunet_n_320_320.onnx or another one of fixed size"
              + " in https://github.com/ShiqiYu/libfacedetection.train.")
  private Path yunet;

  @Option(names = "--models", hidden = true, defaultValue = "src/models")
  private Path models;

  @Option(names = "--target", hidden = true, defaultValue = "target")
  private Path target;

  private Demo() {}

  /** Runs the command and exits. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Demo()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    BufferedImage image;
    try {
      image = read(photo == null ? models.resolve("astronaut.png") : photo);
    } catch (IOException e) {
      System.err.println(e.getMessage());
      return 1;
    }
    if (yunet != null && !Files.isReadable(yunet)) {
      System.err.println("--yunet " + yunet + " is not there: --help says where it is from");
      return 1;
    }
    System.out.println(Backend.current());
    Run faces = yunet == null ? blazeFace(models, image) : yuNet(yunet, image);
    Run bodies = poseNet(models, image);
    List<Face> found = yunet == null ? blazeFaces(faces) : yuNetFaces(faces);
    Pose pose = pose(bodies);
    faces.measure(yunet == null ? "BlazeFace" : "YuNet");
    bodies.measure("PoseNet");
    report(found, pose);
    Path file = out == null ? target.resolve("demo.png") : out;
    write(draw(image, found, pose), file);
    System.out.println("Picture: " + file);
    return 0;
  }

  static BufferedImage read(Path file) throws IOException {
    try (InputStream encoded = Files.newInputStream(file)) {
      return AwtPixels.read(encoded, MAX_PIXELS);
    } catch (NoSuchFileException e) {
      throw new IOException(file + " is not there", e);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  static Run blazeFace(Path models, BufferedImage image) throws IOException {
    return Run.of(models.resolve("blazeface-front/model.onnx"), image, input -> input.range(-1, 1));
  }

  static List<Face> blazeFaces(Run run) {
    return BlazeFace.decode(run::output, run.placement);
  }

  static Run yuNet(Path file, BufferedImage image) throws IOException {
    return Run.of(file, image, input -> input.channels(Channels.BGR).range(0, 255));
  }

  static List<Face> yuNetFaces(Run run) {
    return YuNet.decode(run::output, run.width, run.placement);
  }

  static Run poseNet(Path models, BufferedImage image) throws IOException {
    return Run.of(models.resolve("posenet-mnv1/model.onnx"), image, input -> input.range(-1, 1));
  }

  static Pose pose(Run poseNet) {
    return Pose.decode(poseNet.output("heatmap_2"), poseNet.output("offset_2"), poseNet.placement);
  }

  private static void report(List<Face> faces, Pose pose) {
    System.out.println();
    for (Face face : faces) {
      Detection box = face.box();
      System.out.printf(
          Locale.ROOT,
          "face %.2f: %.0f x %.0f at (%.0f, %.0f)%n",
          box.score(),
          box.right() - box.left(),
          box.bottom() - box.top(),
          box.left(),
          box.top());
    }
    for (int k = 0; k < Pose.NAMES.size(); k++) {
      Pose.Point p = pose.points().get(k);
      if (p.isSeen()) {
        System.out.printf(
            Locale.ROOT, "%s %.2f at (%.0f, %.0f)%n", Pose.NAMES.get(k), p.score(), p.x(), p.y());
      }
    }
  }

  static BufferedImage draw(BufferedImage from, List<Face> faces, Pose pose) {
    BufferedImage to =
        new BufferedImage(from.getWidth(), from.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D g = to.createGraphics();
    g.drawImage(from, 0, 0, null);
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    double line = Math.max(2, Math.max(from.getWidth(), from.getHeight()) / 154.0);
    g.setStroke(new BasicStroke((float) line, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.setColor(new Color(0x00e5ff));
    for (int[] bone : Pose.BONES) {
      Pose.Point a = pose.points().get(bone[0]);
      Pose.Point b = pose.points().get(bone[1]);
      if (a.isSeen() && b.isSeen()) {
        g.draw(new Line2D.Double(a.x(), a.y(), b.x(), b.y()));
      }
    }
    for (Pose.Point p : pose.points()) {
      if (p.isSeen()) {
        dot(g, p.x(), p.y(), line * 1.6);
      }
    }
    g.setColor(new Color(0xffea00));
    for (Face face : faces) {
      Detection box = face.box();
      g.draw(
          new Rectangle2D.Double(
              box.left(), box.top(), box.right() - box.left(), box.bottom() - box.top()));
      for (int k = 0; k < face.points().size(); k += 2) {
        dot(g, face.points().get(k), face.points().get(k + 1), line * 0.8);
      }
    }
    g.dispose();
    return to;
  }

  private static void dot(Graphics2D g, double x, double y, double radius) {
    g.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
  }

  private static void write(BufferedImage image, Path file) throws IOException {
    String name = file.getFileName().toString();
    String format = name.substring(name.lastIndexOf('.') + 1);
    if (file.getParent() != null) {
      Files.createDirectories(file.getParent());
    }
    if (!ImageIO.write(image, format, file.toFile())) {
      throw new IOException(file + " must end in .png or .jpg");
    }
  }

  /** A network with its arrays, images in NHWC, and where the photo is in its input. */
  static final class Run {
    final Placement placement;

    /** Of its input. */
    final int width;

    private final Network network;
    private final Map<String, float[]> in;
    private final Map<String, float[]> out;

    private Run(Network network, BufferedImage image, UnaryOperator<ImageInput.Builder> values) {
      this.network = network;
      Port port = network.inputs().getFirst();
      this.width = port.shape().get(2);
      ImageInput input = values.apply(ImageInput.builder(port).fit(Fit.LETTERBOX)).build();
      float[] pixels = new float[input.length()];
      this.placement = input.write(AwtPixels.of(image), pixels);
      this.in = Map.of(port.name(), pixels);
      this.out = network.run(in);
    }

    static Run of(Path file, BufferedImage image, UnaryOperator<ImageInput.Builder> values)
        throws IOException {
      Network read = OnnxReader.DEFAULT.read(file);
      Network network = read;
      for (List<Port> ports : List.of(read.inputs(), read.outputs())) {
        for (Port port : ports) {
          network = network.withLayout(port.name(), Layout.NHWC);
        }
      }
      return new Run(network, image, values);
    }

    float[] output(String name) {
      return Objects.requireNonNull(out.get(name), () -> "the model has no output " + name);
    }

    /** Warms up, then prints the median time and where it goes. */
    void measure(String name) {
      WarmUp.run(Backend.current(), () -> network.run(in, out));
      Turn.millis(() -> network.run(in, out), WARM_UP_NANOS);
      List<Double> millis = Turn.millis(() -> network.run(in, out), MEASURED_NANOS);
      long[] nanos = new long[network.steps().size()];
      float[][] from = in.values().toArray(float[][]::new);
      float[][] to = out.values().toArray(float[][]::new);
      Turn.millis(() -> network.run(from, to, nanos), MEASURED_NANOS / 2);
      double median = Statistics.median(millis);
      System.out.printf(
          Locale.ROOT,
          "%n%s: %.2f ms, %.1f GFLOP/s (%.0f million multiplications), %d runs after warm-up%n",
          name,
          median,
          2 * network.multiplications() / median / 1e6,
          network.multiplications() / 1e6,
          millis.size());
      double total = Arrays.stream(nanos).sum();
      List<Integer> byTime =
          IntStream.range(0, nanos.length)
              .boxed()
              .sorted(Comparator.comparingLong(i -> -nanos[i]))
              .toList();
      double rest = total;
      for (int i : byTime.subList(0, Math.min(LAYERS, byTime.size()))) {
        Step step = network.steps().get(i);
        rest -= nanos[i];
        System.out.printf(
            Locale.ROOT, "  %5.1f %%  %s%n", 100 * nanos[i] / total, step.description());
      }
      System.out.printf(
          Locale.ROOT,
          "  %5.1f %%  %d others%n",
          100 * rest / total,
          Math.max(0, byTime.size() - LAYERS));
    }
  }
}
