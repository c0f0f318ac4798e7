/** Whole networks: the demo, comparisons with another engine, a load test. */
package io.github.lanewise.jmh.networks;
