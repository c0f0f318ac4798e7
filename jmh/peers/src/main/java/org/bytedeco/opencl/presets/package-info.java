/** What oneDNN's Java binding refers to and Maven Central lacks. */
package org.bytedeco.opencl.presets;
