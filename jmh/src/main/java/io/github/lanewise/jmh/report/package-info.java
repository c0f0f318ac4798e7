/** Results: read back, laid out as tables, compared with each other, drawn. */
package io.github.lanewise.jmh.report;
