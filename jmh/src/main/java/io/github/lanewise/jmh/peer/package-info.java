/** What another engine has to do to be measured on the same layers in the same run. */
package io.github.lanewise.jmh.peer;
