/**
 * Other engines on the benchmark's layers: oneDNN, ONNX Runtime, netlib. Each packs its weights and
 * keeps its tensors in a layout of its own; only running is timed.
 */
package io.github.lanewise.peers;
