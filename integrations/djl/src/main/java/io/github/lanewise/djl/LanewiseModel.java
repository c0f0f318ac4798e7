package io.github.lanewise.djl;

import ai.djl.BaseModel;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.types.DataType;
import io.github.lanewise.network.Network;
import io.github.lanewise.onnx.OnnxException;
import io.github.lanewise.onnx.OnnxReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A network of an ONNX file. Its options, {@code Criteria.optOption}: {@code shape.NAME}, sizes as
 * {@code 1,3,224,224}, for an input whose sizes the file leaves open.
 */
final class LanewiseModel extends BaseModel {
  private static final String SHAPE = "shape.";

  LanewiseModel(String name, LanewiseNDManager manager) {
    super(name);
    this.manager = manager;
    this.manager.setName("model");
    this.dataType = DataType.FLOAT32;
  }

  /**
   * Reads a file, or that of a folder: the one named as {@code prefix} or the model, {@code
   * model.onnx}, or the only one.
   */
  @Override
  public void load(Path modelPath, String prefix, Map<String, ?> options)
      throws IOException, MalformedModelException {
    boolean isFile = Files.isRegularFile(modelPath);
    setModelDir(isFile ? modelPath.toAbsolutePath().getParent() : modelPath);
    read(options, reader -> reader.read(isFile ? modelPath : find(prefix)));
  }

  @Override
  public void load(InputStream is, Map<String, ?> options)
      throws IOException, MalformedModelException {
    read(options, reader -> reader.read(is.readAllBytes()));
  }

  private interface Reading {
    Network from(OnnxReader reader) throws IOException;
  }

  private void read(Map<String, ?> options, Reading reading)
      throws IOException, MalformedModelException {
    if (block != null) {
      throw new UnsupportedOperationException(
          "block must not be set: Lanewise reads all of a network from its file");
    }
    try {
      block = new NetworkBlock((LanewiseNDManager) manager, reading.from(reader(options)));
    } catch (OnnxException e) {
      throw new MalformedModelException(e.getMessage(), e);
    }
    wasLoaded = true;
  }

  private static OnnxReader reader(Map<String, ?> options) {
    OnnxReader reader = OnnxReader.DEFAULT;
    if (options == null) {
      return reader;
    }
    for (Map.Entry<String, ?> option : options.entrySet()) {
      if (option.getKey().startsWith(SHAPE)) {
        reader =
            reader.withInputShape(
                option.getKey().substring(SHAPE.length()),
                sizes(option.getKey(), option.getValue().toString()));
      }
    }
    return reader;
  }

  private static int[] sizes(String option, String value) {
    try {
      return Arrays.stream(value.split(","))
          .map(String::trim)
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "option %s = %s must be sizes as 1,3,224,224".formatted(option, value), e);
    }
  }

  private Path find(String prefix) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(modelDir)) {
      files = all.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
    for (String name : prefix == null ? List.of(modelName, "model") : List.of(prefix)) {
      Path file = modelDir.resolve(name.endsWith(".onnx") ? name : name + ".onnx");
      if (files.contains(file)) {
        return file;
      }
    }
    if (prefix == null && files.size() == 1) {
      return files.getFirst();
    }
    throw new FileNotFoundException(
        "%s must have %s.onnx, model.onnx or only one .onnx file, and has %s"
            .formatted(modelDir, prefix == null ? modelName : prefix, files));
  }
}
