namespace Subp.Onnx.Import.Folding;

/// <summary>Normalisations of constants: what weight standardisation makes of the weight of a convolution.</summary>
internal static class NormalizationFolds
{
    private const int TrainingModeOpset = 14;

    /// <summary>
    /// Batch normalisation over axis 1, by the statistics of the constant itself where the node is in training mode, which exporters write
    /// for weights that are standardised.
    /// </summary>
    public static FoldedTensor Batch(FoldContext context)
    {
        var node = context.Node;
        node.RequireInputs(5, 5);
        node.Attributes.Ignore("momentum", "spatial");
        var epsilon = node.Attributes.Real("epsilon", 1e-5f);
        var ownStatistics =
            node.Opset >= TrainingModeOpset
                ? node.Attributes.Switch("training_mode", false)
                : node.Node.Output.Count(output => output.Length > 0) > 1;
        FoldedTensor[] inputs =
        [
            .. Enumerable.Range(0, 5).Select(index => CastFolds.ToReal(context.Input(index, index == 0 ? "input" : "statistics"))),
        ];
        var (input, dimensions) = (inputs[0], inputs[0].Dimensions);
        var channels = dimensions.Length > 1 ? dimensions[1] : 1;
        if (dimensions.Length < 2 || inputs.Skip(1).Any(numbers => numbers.Count != channels))
            throw node.Unsupported(
                $"a constant of shape [{string.Join(",", dimensions)}]",
                "[batch,channels,...], and a scale, a shift, a mean and a variance for each channel"
            );
        var inner = dimensions.Skip(2).Aggregate(1, (product, extent) => product * extent);
        var result = new float[input.Count];
        for (var channel = 0; channel < channels; channel++)
        {
            // Of every batch the run of elements that the channel has there.
            var starts = Enumerable.Range(0, dimensions[0]).Select(batch => ((batch * channels) + channel) * inner).ToArray();
            double mean = inputs[3].Reals[channel],
                variance = inputs[4].Reals[channel];
            if (ownStatistics)
            {
                var own = starts
                    .SelectMany(start => new ArraySegment<float>(input.Reals, start, inner))
                    .Select(value => (double)value)
                    .ToArray();
                mean = own.Average();
                variance = own.Average(value => (value - mean) * (value - mean));
            }

            var factor = inputs[1].Reals[channel] / Math.Sqrt(variance + epsilon);
            foreach (var start in starts)
            {
                for (var index = start; index < start + inner; index++)
                    result[index] = (float)(((input.Reals[index] - mean) * factor) + inputs[2].Reals[channel]);
            }
        }

        return FoldedTensor.Of(dimensions, result);
    }
}
