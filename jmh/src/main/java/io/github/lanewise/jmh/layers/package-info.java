/**
 * What is measured: named lists of network layers, the separable blocks in them, and the arrays and
 * plans to run one.
 */
package io.github.lanewise.jmh.layers;
