package io.github.lanewise.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Where a model is read from, once, and then {@linkplain #again} for other shapes of its inputs: it
 * has to have the same bytes then, also in other files. Not thread-safe while it is read.
 */
final class Source {
  /** One less than the longest array of most JVMs. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 9L;

  private final Path file;
  private final byte[] model;
  private final Path folder;

  /** What was read before, or null. */
  private final Source first;

  private final CRC32C modelBytes = new CRC32C();
  private final CRC32C externalBytes = new CRC32C();

  private Source(Path file, byte[] model, Path folder, Source first) {
    this.file = file;
    this.model = model;
    this.folder = folder;
    this.first = first;
  }

  static Source of(Path file) {
    Path absolute = file.toAbsolutePath(); // whatever the working directory is later
    return new Source(absolute, null, absolute.getParent(), null);
  }

  /**
   * A model that is in memory.
   *
   * @param model kept
   * @param folder below which other files with weights lie; null where there is none
   */
  static Source of(byte[] model, Path folder) {
    return new Source(null, model, folder, null);
  }

  /** The same, to be read a second time. */
  Source again() {
    return new Source(file, model, folder, this);
  }

  /** Below which other files with weights lie, or null. */
  Path folder() {
    return folder;
  }

  /** The model's bytes, of which there may be so many. */
  byte[] read(long memoryLimit) throws IOException {
    byte[] bytes = model == null ? file(memoryLimit) : model;
    if (bytes.length > memoryLimit) {
      throw new OnnxException(
          "the model has %d bytes, more than the memory limit of %d"
              .formatted(bytes.length, memoryLimit));
    }
    modelBytes.update(bytes);
    if (first != null && first.modelBytes.getValue() != modelBytes.getValue()) {
      throw changed(file == null ? "the array of the model" : file.toString());
    }
    return bytes;
  }

  private byte[] file(long memoryLimit) throws IOException {
    int most = (int) Math.min(memoryLimit, MAX_BYTES);
    long size = Files.size(file);
    byte[] bytes = {};
    if (size <= most) {
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(most + 1); // a device or a pipe states no size, or the file grows
      }
      size = bytes.length;
    }
    if (size > most) {
      throw new OnnxException(
          "%s has %d bytes or more; %d can be read with a memory limit of %d"
              .formatted(file, size, most, memoryLimit));
    }
    return bytes;
  }

  /** Takes note of values that lie in another file. */
  void external(ByteBuffer values) {
    externalBytes.update(values.duplicate());
  }

  /** Checks the other files, after all their values were read. */
  void end() {
    if (first != null && first.externalBytes.getValue() != externalBytes.getValue()) {
      throw changed("a file with weights in " + folder);
    }
  }

  private static IllegalStateException changed(String what) {
    return new IllegalStateException(
        what
            + " has changed since the network was read: to plan that network for other shapes of"
            + " its inputs it must stay, and a new one is read by OnnxReader");
  }
}
