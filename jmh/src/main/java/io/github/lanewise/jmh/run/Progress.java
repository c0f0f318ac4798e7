package io.github.lanewise.jmh.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** One line a job: which of how many, time gone and time left, what it is, its figure. */
final class Progress {
  private final PrintStream out;
  private final LongSupplier nanoTime;
  private final long start;
  private final int jobs;
  private final Map<Job, Duration> took = new HashMap<>();
  private Job current;
  private Duration begun;
  private int done;

  Progress(PrintStream out, LongSupplier nanoTime, int jobs) {
    this.out = out;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.jobs = jobs;
  }

  Duration elapsed() {
    return Duration.ofNanos(nanoTime.getAsLong() - start);
  }

  /** When these jobs would be over, if each takes as long as it last did. */
  Duration end(List<Job> more) {
    return more.stream()
        .map(job -> took.getOrDefault(job, Duration.ZERO))
        .reduce(elapsed(), Duration::plus);
  }

  /** Says what comes next. */
  void next(Job job) {
    current = job;
    begun = elapsed();
    String rest = "";
    if (done > 0) {
      rest = ", about " + minutes(elapsed().multipliedBy(jobs - done).dividedBy(done)) + " left";
    }
    String number = "" + (done + 1);
    String padding = " ".repeat(("" + jobs).length() - number.length());
    out.print("[%s%s/%s] %s".formatted(padding, number, jobs, minutes(elapsed())));
    out.print(rest + "  " + job + ": ");
    out.flush();
  }

  /** Says what came out. */
  void result(String figure) {
    out.println(figure);
    took.put(current, elapsed().minus(begun));
    done++;
  }

  static String minutes(Duration time) {
    return "%d:%02d".formatted(time.toMinutes(), time.toSecondsPart());
  }
}
