package io.github.lanewise.image;

/** How an image of other proportions than the network's input fills it. */
public enum Fit {
  /** All of the image becomes all of the input; proportions change. */
  STRETCH,
  /**
   * All of the image, as large as fits, in the middle; the rest is padding. Where that is odd, the
   * smaller half is above or to the left.
   */
  LETTERBOX,
  /** As {@link #LETTERBOX}, but in the upper left corner. */
  LETTERBOX_TOP_LEFT,
  /**
   * The middle of the image fills the input, and what protrudes is cut off. {@link
   * ImageInput.Builder#shorterSide} cuts off more: an image is resized until its shorter side has
   * that many pixels, and its middle is the input.
   */
  CROP
}
