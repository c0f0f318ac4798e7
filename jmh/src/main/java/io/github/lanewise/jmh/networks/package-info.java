/** Whole networks: the demo, and the comparison with another engine. */
package io.github.lanewise.jmh.networks;
