import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes a jar again with the same entries in less room, and checks its size: compressed as well as
 * zlib can, each entry with its sizes ahead of it instead of a second time behind it, and without
 * entries for folders, and without the POM, which is that of this build and lies beside the jar
 * wherever that is published.
 */
final class ShrinkJar {

  private ShrinkJar() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      System.err.println("usage: ShrinkJar JAR MOST_BYTES");
      System.exit(2);
    }
    Path jar = Path.of(args[0]);
    long most = Long.parseLong(args[1]);
    ByteArrayOutputStream shrunk = new ByteArrayOutputStream();
    try (ZipFile from = new ZipFile(jar.toFile());
        ZipOutputStream to = new ZipOutputStream(shrunk)) {
      to.setLevel(Deflater.BEST_COMPRESSION);
      for (ZipEntry entry : from.stream().map(ZipEntry.class::cast).toList()) {
        if (!entry.isDirectory() && !entry.getName().matches("META-INF/maven/.*/pom\\.xml")) {
          copy(entry, from, to);
        }
      }
    }
    if (shrunk.size() > most) {
      System.err.println(
          "%s has %d bytes, may have %d: see what its largest classes are, with unzip -v"
              .formatted(jar, shrunk.size(), most));
      System.exit(1);
    }
    Files.write(jar, shrunk.toByteArray());
    System.out.println("%s: %d of %d bytes".formatted(jar, shrunk.size(), most));
  }

  private static void copy(ZipEntry entry, ZipFile from, ZipOutputStream to) throws IOException {
    byte[] bytes;
    try (InputStream in = from.getInputStream(entry)) {
      bytes = in.readAllBytes();
    }
    ZipEntry copy = new ZipEntry(entry.getName());
    copy.setTimeLocal(entry.getTimeLocal());
    copy.setMethod(ZipEntry.DEFLATED);
    copy.setSize(bytes.length);
    copy.setCompressedSize(deflated(bytes));
    CRC32 sum = new CRC32();
    sum.update(bytes);
    copy.setCrc(sum.getValue());
    to.putNextEntry(copy);
    to.write(bytes);
    to.closeEntry();
  }

  /** How many bytes an entry takes, which has to be known before it is written. */
  private static long deflated(byte[] bytes) throws IOException {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream to = new DeflaterOutputStream(out, deflater)) {
      to.write(bytes);
    } finally {
      deflater.end();
    }
    return out.size();
  }
}
