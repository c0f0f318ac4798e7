/** Benchmarks of what is not public: on the class path they share the kernels' package. */
package io.github.lanewise.kernel;
