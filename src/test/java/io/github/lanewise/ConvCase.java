package io.github.lanewise;

/**
 * One case to test: everything that decides what is computed, and a name for failure messages.
 *
 * @param shape of a separable case its depthwise stage
 * @param outChannels of a separable case those of its pointwise stage, else the shape's
 * @param order how the weights are stored
 * @param pointwiseOrder how a separable case's pointwise weights are stored
 * @param middle a separable case's activation between its stages
 * @param integers whether the data are small integers, on which float32 is exact
 * @param seed from which the data are drawn
 */
record ConvCase(
    Operator operator,
    ConvShape shape,
    int outChannels,
    WeightOrder order,
    WeightOrder pointwiseOrder,
    boolean bias,
    Activation middle,
    Activation activation,
    Residual residual,
    boolean integers,
    long seed) {

  /** A plain case with bias and float data: HWC or HWIO weights, no activation, no residual. */
  static ConvCase of(Operator operator, ConvShape shape, int outChannels) {
    return new ConvCase(
        operator,
        shape,
        outChannels,
        operator.isDepthwiseShape() ? WeightOrder.HWC : WeightOrder.HWIO,
        WeightOrder.HWIO,
        true,
        Activation.NONE,
        Activation.NONE,
        Residual.NONE,
        false,
        1);
  }

  /** A plain case whose output channels are the shape's. */
  static ConvCase of(Operator operator, ConvShape shape) {
    return of(operator, shape, shape.outChannels());
  }

  ConvCase with(Activation newMiddle, Activation newActivation, boolean newResidual) {
    Residual place = newResidual ? Residual.AFTER_ACTIVATION : Residual.NONE;
    return with(newMiddle, newActivation, place);
  }

  ConvCase with(Activation newMiddle, Activation newActivation, Residual newResidual) {
    return new ConvCase(
        operator,
        shape,
        outChannels,
        order,
        pointwiseOrder,
        bias,
        newMiddle,
        newActivation,
        newResidual,
        integers,
        seed);
  }

  ConvCase withIntegers(boolean newIntegers) {
    return new ConvCase(
        operator,
        shape,
        outChannels,
        order,
        pointwiseOrder,
        bias,
        middle,
        activation,
        residual,
        newIntegers,
        seed);
  }

  /** The shape of the stage that writes the output. */
  ConvShape lastStage() {
    if (operator != Operator.SEPARABLE) {
      return shape;
    }
    int[] out = NaiveConv.outSize(shape);
    return ConvShape.builder(out[0], out[1], shape.outChannels())
        .batch(shape.batch())
        .outChannels(outChannels)
        .build();
  }

  int srcLength() {
    return shape.batch() * shape.inHeight() * shape.inWidth() * shape.inChannels();
  }

  int dstLength() {
    int[] out = NaiveConv.outSize(shape);
    return shape.batch() * out[0] * out[1] * outChannels;
  }

  /** Multiplications of all stages, to keep cases within a {@link TestBudget}. */
  long multiplications() {
    ConvShape last = lastStage();
    long taps = (long) shape.kernelHeight() * shape.kernelWidth();
    long perOutput = taps * (shape.inChannels() / shape.groups());
    long outputs = (long) dstLength() / outChannels;
    long first = outputs * shape.outChannels() * perOutput;
    return operator == Operator.SEPARABLE
        ? first + outputs * last.inChannels() * outChannels
        : first;
  }

  @Override
  public String toString() {
    String stages =
        operator == Operator.SEPARABLE
            ? " middle=" + middle + " out=" + outChannels + " pointwiseOrder=" + pointwiseOrder
            : "";
    return "%s %s%s activation=%s order=%s bias=%s residual=%s data=%s seed=%d"
        .formatted(
            operator,
            shape,
            stages,
            activation,
            order,
            bias,
            residual,
            integers ? "integers" : "floats",
            seed);
  }
}
