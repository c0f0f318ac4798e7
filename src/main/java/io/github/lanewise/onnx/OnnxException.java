package io.github.lanewise.onnx;

/**
 * A file that is no ONNX model, is damaged, or asks for something that is not supported. The
 * message names the node or tensor and the rule.
 */
public final class OnnxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  OnnxException(String message) {
    super(message);
  }

  OnnxException(String message, Throwable cause) {
    super(message, cause);
  }
}
