package io.github.lanewise;

/**
 * How much of the sweep each configuration of the build runs: the one place to tune it. The build
 * names its configurations in the system property {@code lanewise.test.config}.
 *
 * @param every of the systematic cases every so-many-th is run
 * @param random random cases per operator
 * @param multiplications no case has more; vectors wider than the CPU's cost about 1 us an
 *     operation
 */
record TestBudget(int every, int random, long multiplications) {
  private static final TestBudget FULL = new TestBudget(1, 600, 3_000_000);
  private static final TestBudget SHORT = new TestBudget(1, 250, 3_000_000);
  private static final TestBudget EMULATED = new TestBudget(3, 100, 1_000_000);

  /** The seed of all random cases, overridden by {@code -Dlanewise.test.seed}. */
  static final long SEED = Long.getLong("lanewise.test.seed", 20250917L);

  /** Whether every systematic case is run, so that none may have more multiplications. */
  boolean isWhole() {
    return every == 1;
  }

  static TestBudget current() {
    return switch (System.getProperty("lanewise.test.config", "auto")) {
      case "auto" -> FULL;
      case "vectorBits-512" -> EMULATED;
      default -> SHORT;
    };
  }
}
