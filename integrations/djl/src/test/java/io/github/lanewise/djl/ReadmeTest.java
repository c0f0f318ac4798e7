package io.github.lanewise.djl;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the documents, compiled and run as they are. */
class ReadmeTest {
  @TempDir private Path folder;

  private String run(String document, String program, String... arguments) throws Exception {
    Matcher block =
        Pattern.compile("```java\n((?:(?!```)[\\s\\S])*class " + program + " [\\s\\S]*?)```")
            .matcher(Files.readString(Path.of(document)).replace("\r\n", "\n"));
    assertThat(block.find()).as(program).isTrue();
    Path source = Files.writeString(folder.resolve(program + ".java"), block.group(1));
    String[] all = new String[arguments.length + 1];
    all[0] = source.toAbsolutePath().toString();
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return ChildJvm.java(all);
  }

  /** A red one, of the proportions that networks seldom take. */
  private String photo() throws Exception {
    BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 20; y++) {
      for (int x = 0; x < 30; x++) {
        image.setRGB(x, y, 0xFF0000);
      }
    }
    Path file = folder.resolve("red.png");
    ImageIO.write(image, "png", file.toFile());
    return file.toAbsolutePath().toString();
  }

  @Test
  void classifies() throws Exception {
    assertThat(run("../README.md", "Classify")).contains("\"happy\"", "0.99993");
  }

  @Test
  void detects() throws Exception {
    int boxes = 8400;
    float[] found = new float[7 * boxes];
    for (int i = 0; i < 4; i++) {
      found[i * boxes + 5000] = 320;
    }
    found[5 * boxes + 5000] = 0.75f;
    Path model =
        new RedNetwork(640).output("boxes", List.of(1L, 7L, (long) boxes), found).write(folder);
    assertThat(run("README.md", "Detect", model.toAbsolutePath().toString(), photo()))
        .contains("\"bicycle\"", "0.75");
  }

  @Test
  void findsJoints() throws Exception {
    float[] map = new float[64 * 48];
    map[32 * 48 + 12] = 0.75f;
    Path model =
        new RedNetwork(256, 192).output("maps", List.of(1L, 1L, 64L, 48L), map).write(folder);
    assertThat(run("README.md", "Pose", model.toAbsolutePath().toString(), photo()))
        .contains("\"confidence\": 0.75", "\"x\": 0.25", "\"y\": 0.5");
  }
}
