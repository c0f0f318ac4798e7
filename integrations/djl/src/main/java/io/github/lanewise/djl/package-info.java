/**
 * An engine of the Deep Java Library that runs ONNX networks on Lanewise, named {@code Lanewise}.
 */
package io.github.lanewise.djl;
