/** Reads ONNX files into networks. */
package io.github.lanewise.onnx;
