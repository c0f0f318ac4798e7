package org.bytedeco.opencl.presets;

/**
 * Stands in for the class of this name, which an annotation in oneDNN's Java binding refers to, so
 * that the binding does not load without it; the artifact that it belongs to is in no public
 * repository in the version needed, and older ones want OpenCL's own library on the machine. It
 * declares nothing, so that nothing of OpenCL is loaded: only GPUs would use it.
 */
public final class OpenCL {

  private OpenCL() {}
}
