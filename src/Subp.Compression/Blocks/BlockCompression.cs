using Subp.Compression.Algebra;
using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Compression.Restoration;
using Subp.Compression.Statistics;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Compression.Blocks;

/// <summary>
/// Makes the weights of a finished network uniformly 1xN block-sparse at once and restores what it computes, in closed form: from the
/// statistics that its batch normalisations hold, or from a few inputs without labels. Nothing is trained.
/// </summary>
public static class BlockCompression
{
    // Of the mean variance: keeps the regression of nearly dependent channels from large coefficients of opposite signs.
    private const double RelativeRidge = 1e-3;

    // The covariance of this many features takes 128 MB.
    internal const int MostFeatures = 4096;

    /// <summary>Removes blocks and restores.</summary>
    /// <param name="model">The network, batch normalisations not folded. It is not changed.</param>
    /// <param name="targets">The layers that lose blocks.</param>
    /// <param name="restoration">What is done about the loss.</param>
    /// <param name="calibration">Inputs of the network, normalised as it wants them, or null: then nothing but the network is used.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static BlockOutcome Compress(
        Model model,
        IReadOnlyList<BlockTarget> targets,
        BlockRestoration restoration,
        IReadOnlyList<float[]>? calibration = null,
        CancellationToken cancellation = default
    )
    {
        if (restoration == BlockRestoration.Noise)
        {
            return calibration is null
                ? MeasuredCompression.Compress(model, targets, NoiseImages.For(model.Graph), isNoise: true, cancellation)
                : throw new ArgumentException("Noise stands for inputs that nobody has.", nameof(calibration));
        }

        if (restoration == BlockRestoration.Moments && calibration is not null)
            return MeasuredCompression.Compress(model, targets, calibration, isNoise: false, cancellation);
        var statistics = calibration is null
            ? NetworkStatistics.Propagate(model)
            : MeasuredStatistics.Measure(model, calibration, cancellation);
        var draft = new ModelDraft(model);
        var outcomes = new List<BlockLayerOutcome>();
        foreach (var target in targets)
        {
            cancellation.ThrowIfCancellationRequested();
            outcomes.Add(Compress(model, draft, target, restoration, statistics.GetValueOrDefault(target.Layer)));
        }

        var result = draft.ToModel();
        if (calibration is not null && restoration != BlockRestoration.None)
            result = NormRecalibration.Measure(result, calibration, cancellation);
        return new BlockOutcome(result, outcomes);
    }

    private static BlockLayerOutcome Compress(
        Model model,
        ModelDraft draft,
        BlockTarget target,
        BlockRestoration restoration,
        LayerStatistics? found
    )
    {
        var node =
            model.Graph.FindNode(target.Layer) ?? throw new ArgumentException($"There is no layer '{target.Layer}'.", nameof(target));
        var statistics = Spread(found);
        var form = statistics?.Form ?? LayerForm.OfWeights(model.Graph, node);
        var readers = model.Graph.Nodes.Where(other => other.Operator.Parameters.Any(use => use.Name == form.Weight)).ToArray();
        var weight = model.Weights[form.Weight];
        double[] scale = Normalisation.Of(model.Graph, node) is { } norm
            ? norm.Scale(model.Weights)
            : [.. Enumerable.Repeat(1.0, form.Outputs)];
        var before = form.Filters(model.Weights);
        // Weights that several layers share see several inputs; what restores one of them would damage the others.
        var (values, pattern) =
            restoration == BlockRestoration.Moments && statistics is not null && readers.Length == 1
                ? Restored(weight, form, scale, target, statistics.ReadCovariance)
                : Dropped(weight, form, scale, target);
        draft.Set(form.Weight, values, pattern);
        if (restoration != BlockRestoration.None && statistics is not null && readers.Length == 1)
            OutputCorrection.Apply(draft, model.Graph, statistics, before);
        return new BlockLayerOutcome(
            target.Layer,
            before.Inputs - target.Removed,
            before.Inputs,
            statistics is null ? null : Error(weight.Values, values, form, scale, statistics)
        );
    }

    // Blocks of a linear layer are features, also where the image before it is flattened.
    private static LayerStatistics? Spread(LayerStatistics? statistics)
    {
        if (statistics is null || statistics.Input.Plane == (1, 1))
            return statistics;
        var (height, width) = statistics.Input.Plane;
        return statistics.Input.Channels * height * width > MostFeatures
            ? null
            : new LayerStatistics(
                statistics.Form with
                {
                    Kernel = Core.Operators.Extent.One,
                },
                statistics.Input.Spread(),
                statistics.PixelCorrelation
            );
    }

    /// <summary>The weights of a layer without blocks that its others replace, by the covariance of its input channels.</summary>
    internal static (float[] Values, BlockPattern Pattern) Restored(
        WeightTensor weight,
        LayerForm form,
        double[] scale,
        BlockTarget target,
        Matrix covariance
    )
    {
        var inverse = Elimination.Invert(covariance, RelativeRidge);
        return ForEachGroup(
            weight,
            form,
            target,
            (group, blocks) =>
            {
                double[] importance =
                [
                    .. Enumerable
                        .Range(0, blocks.Columns)
                        .Select(column => scale[(group * target.BlockLength) + (column / form.Taps)])
                        .Select(factor => factor * factor),
                ];
                var copy = new Matrix(inverse.Rows, inverse.Columns, [.. inverse.Values]);
                return BlockElimination.Remove(blocks, importance, copy, target.Removed);
            }
        );
    }

    /// <summary>The weights of a layer without its blocks of the least magnitude.</summary>
    internal static (float[] Values, BlockPattern Pattern) Dropped(
        WeightTensor weight,
        LayerForm form,
        double[] scale,
        BlockTarget target
    ) =>
        ForEachGroup(
            weight,
            form,
            target,
            (group, blocks) =>
            {
                double Magnitude(int channel)
                {
                    double sum = 0;
                    for (var column = 0; column < blocks.Columns; column++)
                        sum += Math.Abs(blocks[channel, column] * scale[(group * target.BlockLength) + (column / form.Taps)]);
                    return sum;
                }

                int[] order = [.. Enumerable.Range(0, blocks.Rows).OrderBy(Magnitude)];
                foreach (var channel in order.Take(target.Removed))
                    blocks.Row(channel).Clear();
                return [.. order.Skip(target.Removed).Order()];
            }
        );

    private static (float[] Values, BlockPattern Pattern) ForEachGroup(
        WeightTensor weight,
        LayerForm form,
        BlockTarget target,
        Func<int, Matrix, int[]> remove
    )
    {
        var length = target.BlockLength;
        var inputs = weight.Shape.ElementCount / (form.Outputs * form.Taps);
        var values = new float[weight.Values.Length];
        var kept = new IReadOnlyList<int>[form.Outputs / length];
        Parallel.For(
            0,
            kept.Length,
            group =>
            {
                var blocks = new Matrix(inputs, length * form.Taps);
                int Place(int channel, int column) =>
                    (((((group * length) + (column / form.Taps)) * inputs) + channel) * form.Taps) + (column % form.Taps);
                for (var channel = 0; channel < inputs; channel++)
                {
                    for (var column = 0; column < blocks.Columns; column++)
                        blocks[channel, column] = weight.Values[Place(channel, column)];
                }

                kept[group] = remove(group, blocks);
                foreach (var channel in kept[group])
                {
                    for (var column = 0; column < blocks.Columns; column++)
                        values[Place(channel, column)] = (float)blocks[channel, column];
                }
            }
        );
        return (values, new BlockPattern(length, inputs, kept));
    }

    // The error of every output as its normalisation scales it, against what the output is.
    private static double Error(float[] before, float[] after, LayerForm form, double[] scale, LayerStatistics statistics)
    {
        float[] change = [.. before.Zip(after, (then, now) => now - then)];
        double Total(float[] values) =>
            statistics
                .Through(new FilterBank(values, form.Outputs, form.Taps))
                .Variance.Zip(scale, (variance, factor) => variance * factor * factor)
                .Sum();
        var whole = Total(before);
        return whole > 0 ? Total(change) / whole : 0;
    }
}
