/**
 * Images into a network's input, and its answers out.
 *
 * <p>{@link io.github.lanewise.image.Pixels} views an image in arrays ({@link
 * io.github.lanewise.image.AwtPixels} a {@code BufferedImage}), {@link
 * io.github.lanewise.image.ImageInput} resizes it into the network's array; {@link
 * io.github.lanewise.image.Classification} names the likeliest classes, {@link
 * io.github.lanewise.image.NonMaximumSuppression} selects boxes, and {@link
 * io.github.lanewise.image.Placement} brings them back to the image.
 *
 * <pre>{@code
 * Network network = OnnxReader.DEFAULT.read(Path.of("model.onnx"));
 * ImageInput input =
 *     ImageInput.builder(network.inputs().getFirst()) // its size and layout
 *         .shorterSide(256)
 *         .mean(123.675f, 116.28f, 103.53f)
 *         .scale(1 / 58.395f, 1 / 57.12f, 1 / 57.375f)
 *         .build();
 * float[] image = new float[input.length()];
 * float[] scores = new float[network.outputs().getFirst().length()];
 * for (Path file : files) {
 *   input.write(AwtPixels.of(ImageIO.read(file.toFile())), image);
 *   network.run(image, scores);
 *   Classification.softmax(scores, 0, scores.length);
 *   System.out.println(file + " " + Classification.top(scores, 5, labels));
 * }
 * }</pre>
 */
package io.github.lanewise.image;
