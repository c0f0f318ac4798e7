package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which kernels, staging, blocks and ranges plans choose for the layers of {@link PlanProbe}, by
 * vector width and cache sizes: what is listed in the test's resources. No result depends on it,
 * only the time that it takes.
 */
class PlanChoiceTest {
  private static final Path FOLDER = Path.of("src/test/resources/io/github/lanewise");
  private static final List<String> CACHES =
      List.of("32768,524288", "49152,2097152", "65536,1048576");

  /** Rewrites the lists instead of comparing. */
  private static final String UPDATE = "lanewise.test.updatePlans";

  @ParameterizedTest
  @ValueSource(ints = {256, 512})
  void plansChooseWhatIsListed(int bits) throws Exception {
    List<String> chosen = new ArrayList<>();
    for (String caches : CACHES) {
      String[] printed = plans(bits, caches).split(PlanProbe.END, 2);
      // 256 bits with 16 registers, which only x86 has; and both with multiply-add.
      String wanted = bits == 256 ? "UseAVX=2 UseFMA=true" : "UseFMA=true";
      assumeTrue(
          printed[0].contains(wanted), () -> "listed for " + wanted + ", this is " + printed[0]);
      printed[1].strip().lines().forEach(line -> chosen.add(caches + " " + line));
    }
    Path file = FOLDER.resolve("plans-" + bits + ".txt");
    if (Boolean.getBoolean(UPDATE)) {
      Files.createDirectories(FOLDER);
      Files.writeString(file, String.join("\n", chosen) + "\n");
    }
    List<String> listed = Files.readAllLines(file);
    List<String> differences = new ArrayList<>();
    listed.stream()
        .filter(line -> !chosen.contains(line))
        .map(l -> "- " + l)
        .forEach(differences::add);
    chosen.stream()
        .filter(line -> !listed.contains(line))
        .map(l -> "+ " + l)
        .forEach(differences::add);
    assertThat(String.join("\n", differences))
        .as(
            "%s (-) and what plans choose (+); if that is meant, rewrite it with"
                + " mvn test -Dtest=PlanChoiceTest -D%s=true",
            file, UPDATE)
        .isEmpty();
  }

  private static String plans(int bits, String caches) throws Exception {
    ChildJvm.Result result =
        ChildJvm.java(
            List.of(
                "--add-modules=" + ChildJvm.VECTOR_MODULE,
                "-Dlanewise.vectorBits=" + bits,
                "-Dlanewise.cacheBytes=" + caches,
                "-XX:+IgnoreUnrecognizedVMOptions",
                "-XX:UseAVX=2",
                "-cp",
                ChildJvm.classPath(),
                PlanProbe.class.getName()));
    assertThat(result.exitCode()).as(result.output()).isZero();
    return result.output();
  }
}
