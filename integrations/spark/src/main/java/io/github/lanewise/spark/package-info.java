/**
 * Scores rows of Apache Spark by an ONNX network: {@link io.github.lanewise.spark.Scoring} adds
 * classes to a table, {@link io.github.lanewise.spark.ScoringJob} is the program for {@code
 * spark-submit}.
 */
package io.github.lanewise.spark;
