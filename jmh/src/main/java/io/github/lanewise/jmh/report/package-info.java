/** The table that a run ends with, on the terminal and as Markdown. */
package io.github.lanewise.jmh.report;
