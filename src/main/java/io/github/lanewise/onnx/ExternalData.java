package io.github.lanewise.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The values of a tensor that keeps them in another file. Only files below the model's own folder
 * are opened: the model may come from anybody, and must not have others read for it.
 */
final class ExternalData implements AutoCloseable {
  private final String tensor;
  private final String location;
  private final FileChannel channel;
  private final Source source;
  private long position;

  private ExternalData(String tensor, String location, FileChannel channel, Source source) {
    this.tensor = tensor;
    this.location = location;
    this.channel = channel;
    this.source = source;
  }

  /** Whether a tensor keeps its values in another file. */
  static boolean isUsed(Proto.Tensor t) {
    return t.isExternal || !t.externalData.isEmpty();
  }

  /**
   * Opens the file that has the values of a tensor, after checking that it has them all.
   *
   * @param source the model's
   */
  static ExternalData open(Source source, String tensor, Proto.Tensor t, long bytes) {
    String location = "";
    long offset = 0;
    long length = bytes;
    for (Proto.Entry entry : t.externalData) {
      switch (entry.key) {
        case "location" -> location = entry.value;
        case "offset" -> offset = number(tensor, entry);
        case "length" -> length = number(tensor, entry);
        default -> {
          // a checksum, or what an engine keeps for itself
        }
      }
    }
    if (source.folder() == null) {
      throw new OnnxException(
          "%s keeps its values in another file, %s: read the model from a Path, so that it is found"
              .formatted(tensor, Attributes.quoted(location)));
    }
    if (length != bytes) {
      throw new OnnxException(
          "%s has %d bytes of values in another file, its shape needs %d"
              .formatted(tensor, length, bytes));
    }
    try {
      Path file = below(source.folder(), tensor, location);
      long size = Files.size(file);
      if (offset > size || bytes > size - offset) {
        throw new OnnxException(
            "%s needs %d bytes from %d on of the file %s, which has %d"
                .formatted(tensor, bytes, offset, Attributes.quoted(location), size));
      }
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      ExternalData data = new ExternalData(tensor, location, channel, source);
      data.position = offset;
      return data;
    } catch (IOException e) {
      throw unreadable(tensor, location, e);
    }
  }

  private static long number(String tensor, Proto.Entry entry) {
    long number = -1;
    try {
      number = Long.parseLong(entry.value);
    } catch (NumberFormatException e) {
      // told below, like a negative one
    }
    if (number < 0) {
      throw new OnnxException(
          "%s has %s %s of another file, which must be a number of 0 or more"
              .formatted(tensor, entry.key, Attributes.quoted(entry.value)));
    }
    return number;
  }

  /** The real path of a file that neither its name nor a link leads out of the folder. */
  private static Path below(Path folder, String tensor, String location) throws IOException {
    Path relative = null;
    try {
      relative = Path.of(location);
    } catch (InvalidPathException e) {
      // told below
    }
    boolean isRelative = relative != null && !location.isEmpty() && relative.getRoot() == null;
    for (int i = 0; isRelative && i < relative.getNameCount(); i++) {
      isRelative = !relative.getName(i).toString().equals("..");
    }
    if (!isRelative) {
      throw new OnnxException(
          "%s keeps its values in the file %s, which must be named relative to the model's folder,"
                  .formatted(tensor, Attributes.quoted(location))
              + " without '..'");
    }
    Path root = folder.toRealPath();
    Path file = root.resolve(relative).toRealPath();
    if (!file.startsWith(root)) {
      throw new OnnxException(
          "%s keeps its values in the file %s, a link out of the model's folder, which is not"
                  .formatted(tensor, Attributes.quoted(location))
              + " followed: copy the file there");
    }
    if (!Files.isRegularFile(file)) {
      throw new OnnxException(
          "%s keeps its values in %s, which is no file"
              .formatted(tensor, Attributes.quoted(location)));
    }
    return file;
  }

  private static OnnxException unreadable(String tensor, String location, IOException e) {
    return new OnnxException(
        "%s keeps its values in the file %s, which cannot be read in the model's folder: %s"
            .formatted(tensor, Attributes.quoted(location), e.getClass().getSimpleName()),
        e);
  }

  /** The next bytes, little-endian, in the same buffer each time. */
  ByteBuffer next(ByteBuffer buffer, int bytes) {
    buffer.clear().limit(bytes);
    try {
      while (buffer.hasRemaining()) {
        int read = channel.read(buffer, position);
        if (read < 0) {
          throw new IOException("the file became shorter");
        }
        position += read;
      }
    } catch (IOException e) {
      throw unreadable(tensor, location, e);
    }
    source.external(buffer.flip());
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(tensor, location, e);
    }
  }
}
