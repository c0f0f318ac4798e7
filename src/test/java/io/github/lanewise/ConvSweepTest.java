package io.github.lanewise;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every operator over the {@link ShapeGrammar}, on the current and on the scalar backend, against
 * the oracle: exactly on small integers, within a bound that follows from the arithmetic on floats.
 */
@Tag("backend")
class ConvSweepTest {

  /** Integers below 2^24 are exact in float32; below 2^22 so are quarters. */
  private static final double EXACT_LIMIT = 0x1p22;

  @ParameterizedTest
  @EnumSource(Operator.class)
  void integersAreExact(Operator operator) {
    for (ConvCase c : cases(operator, TestActivations.EXACT, true)) {
      check(c);
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void floatsStayWithinTheErrorBound(Operator operator) {
    for (ConvCase c : cases(operator, TestActivations.ALL, false)) {
      check(c);
    }
  }

  private static List<ConvCase> cases(
      Operator operator, List<Activation> activations, boolean integers) {
    TestBudget budget = TestBudget.current();
    long seed = TestBudget.SEED + operator.name().hashCode() + (integers ? 1 : 0);
    ShapeGrammar grammar = new ShapeGrammar(operator, lanes(), seed);
    List<ConvCase> cases = new ArrayList<>();
    List<ConvCase> systematic = grammar.systematic();
    for (int i = Math.floorMod(seed, budget.every()); i < systematic.size(); i += budget.every()) {
      ConvCase c = systematic.get(i);
      if (c.multiplications() <= budget.multiplications()) {
        cases.add(c);
      } else if (budget.isWhole()) {
        throw new AssertionError(
            "%d multiplications are too many, mend the test: %s".formatted(c.multiplications(), c));
      }
    }
    for (int i = 0; i < budget.random(); i++) {
      cases.add(grammar.random(budget.multiplications()));
    }
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    return cases.stream()
        .map(c -> c.with(pick(activations, random), pick(activations, random), c.residual()))
        .map(c -> c.withIntegers(integers))
        .toList();
  }

  private static Activation pick(List<Activation> from, RandomGenerator random) {
    return from.get(random.nextInt(from.size()));
  }

  private static int lanes() {
    int bits = Backend.current().vectorBits();
    return bits == 0 ? 8 : bits / Float.SIZE;
  }

  private static void check(ConvCase c) {
    ConvData data = ConvData.of(c);
    Expected expected = Expected.of(c, data);
    if (c.integers()) {
      requireExactData(c, expected);
    }
    check(c, data, expected, Backend.current());
    if (Backend.current().vectorBits() != 0) {
      check(c, data, expected, Backend.scalar());
    }
  }

  private static void check(ConvCase c, ConvData data, Expected expected, Backend backend) {
    String name =
        "%s on %s; all cases follow from -Dlanewise.test.seed=%d"
            .formatted(c, backend, TestBudget.SEED);
    float[] actual;
    Optional<ConvPlan> ofPlanes;
    try {
      ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withBackend(backend));
      if (c.integers()) {
        dirtyScratch(plan, data);
      }
      actual = GuardedRun.run(plan, data, name);
      ofPlanes = plan.ofPlanes();
    } catch (RuntimeException e) {
      throw new AssertionError(name, e);
    }
    check(actual, expected, name);
    ofPlanes.ifPresent(plan -> check(plan, data, expected, "of planes: " + name));
  }

  private static void check(float[] actual, Expected expected, String name) {
    if (actual.length != expected.value.length) {
      throw new AssertionError(
          "%d outputs, not %d: %s".formatted(actual.length, expected.value.length, name));
    }
    for (int i = 0; i < actual.length; i++) {
      if (!expected.accepts(i, actual[i])) {
        throw new AssertionError(
            "dst[%d] of %d is %s, not %s within %.3g: %s"
                .formatted(
                    i, actual.length, actual[i], expected.value[i], expected.tolerance[i], name));
      }
    }
  }

  private static void check(ConvPlan ofPlanes, ConvData data, Expected expected, String name) {
    float[] planes = ConvData.planes(ofPlanes.shape(), data.src);
    check(GuardedRun.run(ofPlanes, planes, data.residual, name), expected, name);
  }

  /** A run on NaN leaves NaN in the plan's scratch, none of which may reach the next run. */
  private static void dirtyScratch(ConvPlan plan, ConvData data) {
    float[] nan = new float[plan.srcLength()];
    Arrays.fill(nan, Float.NaN);
    float[] dst = new float[plan.dstLength()];
    plan.run(nan, 0, data.residual, 0, dst, 0);
  }

  private static void requireExactData(ConvCase c, Expected expected) {
    for (double v : expected.value) {
      if (Math.abs(v) >= EXACT_LIMIT || v * 4 != Math.rint(v * 4)) {
        throw new AssertionError("not exact in float32, mend the test: " + v + " in " + c);
      }
    }
  }
}
