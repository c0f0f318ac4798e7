/**
 * Reads ONNX files into networks. Needs two more jars, {@code org.tribuo:tribuo-util-onnx} and
 * {@code com.google.protobuf:protobuf-java}, which {@link io.github.lanewise.onnx.OnnxReader} asks
 * for where they are missing; nothing else of Lanewise needs them.
 */
package io.github.lanewise.onnx;
