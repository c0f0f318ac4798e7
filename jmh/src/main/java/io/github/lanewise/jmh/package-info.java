/**
 * The benchmarks and the command that runs them, {@link io.github.lanewise.jmh.Bench}. The names of
 * the benchmarks, of their parameters ({@code layer}, {@code backend}) and of their secondary
 * metrics ({@code gflops}, {@code gbytes}, {@code peakGflops}, {@code fastestGflops}, {@code
 * fastestPeakGflops}) are a contract: dashboards and gates read them. How often and how long each
 * is measured, and in what JVM, the command decides.
 */
package io.github.lanewise.jmh;
