package io.github.lanewise.kernel;

import io.github.lanewise.jvm.Jvm;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of this JVM. Static finals, so that C2 sees constants: {@link KernelProvider}
 * decides them before this class is loaded.
 */
final class Lanes {
  static final VectorSpecies<Float> F = floats();

  /** The bits of {@link #F}. */
  static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());

  /** Floats of a vector. */
  static final int L = F.length();

  /** Vector registers, 16 or 32. */
  static final int REGISTERS = Jvm.vectorRegisters(F.vectorBitSize());

  private Lanes() {}

  private static VectorSpecies<Float> floats() {
    int forced = KernelProvider.forcedBits();
    int bits = forced > 0 ? forced : FloatVector.SPECIES_PREFERRED.vectorBitSize();
    if (bits >= 512) {
      return FloatVector.SPECIES_512;
    }
    return switch (bits) {
      case 256 -> FloatVector.SPECIES_256;
      case 128 -> FloatVector.SPECIES_128;
      default -> FloatVector.SPECIES_64; // too narrow to pay: KernelProvider then takes scalar
    };
  }
}
