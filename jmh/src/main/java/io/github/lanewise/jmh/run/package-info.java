/** Runs the benchmarks: which, in what order, with what JVM, and what becomes of their results. */
package io.github.lanewise.jmh.run;
