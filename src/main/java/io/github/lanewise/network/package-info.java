/**
 * Whole networks: built once with {@link io.github.lanewise.network.NetworkBuilder}, or read from a
 * file by {@code OnnxReader}, and run many times. A {@link io.github.lanewise.network.Network} is a
 * list of plans and light operators over one array.
 */
package io.github.lanewise.network;
