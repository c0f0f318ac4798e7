package io.github.lanewise.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cache sizes that a property states, and those that are found without it. */
class CacheSizesTest {

  @Test
  void thePropertyStatesBothSizes() {
    CacheSizes sizes = CacheSizes.detect("49152, 2097152");
    assertThat(sizes.l1()).isEqualTo(49152);
    assertThat(sizes.l2()).isEqualTo(2097152);
    assertThat(sizes).hasToString("L1 48 KiB, L2 2048 KiB (-Dlanewise.cacheBytes)");
  }

  @Test
  void withoutItSizesAreDetectedOrAssumed() {
    CacheSizes sizes = CacheSizes.detect(null);
    assertThat(sizes.l1()).isBetween(4 << 10, 1 << 20);
    assertThat(sizes.l2()).isGreaterThanOrEqualTo(sizes.l1());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "32768", "32k,512k", "32768,", "100,200", "65536,32768", "32768,524288,1"})
  void aWrongPropertyNamesItselfItsValueAndTheRule(String text) {
    assertThatThrownBy(() -> CacheSizes.detect(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("-Dlanewise.cacheBytes=%s must be L1,L2 in bytes with 4096 <= L1 <= L2", text);
  }
}
