package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of operators in the documentation is that of the code. */
class OperatorTableTest {
  private static final String START = "<!-- operators:start -->\n";
  private static final String END = "<!-- operators:end -->";

  @Test
  void theDocumentationListsWhatTheCodeReads() throws Exception {
    String page = Files.readString(Path.of("docs/onnx.md")).replace("\r\n", "\n");
    String written = page.substring(page.indexOf(START) + START.length(), page.indexOf(END));
    String inFull = listed(true, "%1$s").collect(Collectors.joining(", "));
    String rows = listed(false, "| %s | %s |").collect(Collectors.joining(" "));
    assertThat(written.replace('\n', ' ').strip())
        .isEqualTo("In full: " + inFull + ".  | operator | what of it | |---|---| " + rows);
  }

  private static Stream<String> listed(boolean inFull, String format) {
    return OnnxReader.operators().entrySet().stream()
        .filter(each -> each.getValue().isEmpty() == inFull)
        .map(each -> format.formatted(each.getKey(), each.getValue()));
  }

  /** So that mutations of that model meet every operator. */
  @Test
  void theModelOfManyOperatorsHasThemAll() {
    TestModel model = TestModel.manyOperators();
    Set<String> there =
        model.model().getGraph().getNodeList().stream()
            .map(NodeProto::getOpType)
            .collect(Collectors.toSet());
    Set<String> all = new HashSet<>(OnnxReader.operators().keySet());
    all.removeAll(Set.of("Scatter", "Upsample")); // which newer files have not
    assertThat(there).containsExactlyInAnyOrderElementsOf(all);
    assertThat(model.read().outputs()).hasSize(2);
  }
}
