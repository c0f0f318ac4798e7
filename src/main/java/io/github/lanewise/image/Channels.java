package io.github.lanewise.image;

/** What the values of a pixel are, and their order. */
public enum Channels {
  /** Red, green, blue: of most networks from PyTorch and TensorFlow. */
  RGB,
  /** Blue, green, red: of OpenCV and of networks from Caffe. */
  BGR,
  /**
   * Luma, one value. Of a colour it is {@code 0.299 R + 0.587 G + 0.114 B}, rounded to 8 bits, as
   * OpenCV and Pillow have it; of YUV it is Y.
   */
  GRAY;

  /** How many. */
  int count() {
    return this == GRAY ? 1 : 3;
  }

  /** Where the one is that is {@code c}-th in RGB. */
  int place(int c) {
    return this == BGR ? 2 - c : c;
  }
}
