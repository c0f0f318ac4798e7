/** Results of earlier runs: read back, compared with each other, drawn. */
package io.github.lanewise.jmh.history;
