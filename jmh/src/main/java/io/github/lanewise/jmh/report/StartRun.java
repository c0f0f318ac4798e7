package io.github.lanewise.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a run of {@code scripts/bench --start} measured, as it wrote it.
 *
 * @param json the file's content
 */
public record StartRun(JsonNode json) {
  /** The key of its figures, by which its file is known. */
  public static final String KEY = "starts";

  /** Whether a file's content is that of such a run. */
  static boolean is(JsonNode json) {
    return json.path(KEY).isArray() && json.path(RunInfo.KEY).isObject();
  }

  /** Reads a file; nothing if it is of another kind. */
  static Optional<StartRun> read(Path file) throws IOException {
    return Optional.of(Run.json(file)).filter(StartRun::is).map(StartRun::new);
  }

  /** What runs are sorted by. */
  String started() {
    return json.path(RunInfo.KEY).path("started").asText();
  }
}
