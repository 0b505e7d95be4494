using Subp.Compression.Algebra;
using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Compression.Restoration;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Compression.Blocks;

/// <summary>
/// Removes blocks front to back on inputs that run through the original and the changed network side by side. The kept blocks of a layer
/// are fitted by least squares: to give from what the changed network hands them what the original computes from its own values, so that
/// a layer also makes up for what is lost in front of it. Normalisations move by what the change does on the same inputs, which leaves out
/// most of the chance of a small set.
/// </summary>
internal sealed class MeasuredCompression
{
    // Of the mean variance of a layer's inputs: a pull towards the weights that channel covariances alone would give.
    private const double RelativeRidge = 1e-3;

    // Inputs times taps; the covariance is factored for every group of outputs, which beyond this takes minutes.
    private const int MostWeights = 1536;

    private readonly Model _original;
    private readonly Model _changed;
    private readonly NodeSweep _before;
    private readonly NodeSweep _after;
    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BlockTarget> _targets;
    private readonly Dictionary<string, BlockPattern> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _norms = new(StringComparer.Ordinal);
    private readonly List<BlockLayerOutcome> _outcomes = [];
    private readonly bool _isNoise;

    private MeasuredCompression(
        Model original,
        Model changed,
        IReadOnlyList<BlockTarget> targets,
        IReadOnlyList<float[]> inputs,
        bool isNoise,
        CancellationToken cancellation
    )
    {
        (_original, _changed, _isNoise) = (original, changed, isNoise);
        _before = new NodeSweep(original, inputs, cancellation);
        _after = new NodeSweep(changed, inputs, cancellation);
        _targets = targets.ToDictionary(target => target.Layer, StringComparer.Ordinal);
    }

    /// <summary>Removes blocks and restores what they did.</summary>
    /// <param name="model">The network; it is not changed.</param>
    /// <param name="targets">The layers that lose blocks.</param>
    /// <param name="inputs">What runs through both networks.</param>
    /// <param name="isNoise">Whether the inputs are noise, which normalisations must turn into activations that are like real ones.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static BlockOutcome Compress(
        Model model,
        IReadOnlyList<BlockTarget> targets,
        IReadOnlyList<float[]> inputs,
        bool isNoise,
        CancellationToken cancellation
    )
    {
        var draft = new ModelDraft(model);
        foreach (var target in targets)
        {
            var node = model.Graph.FindNode(target.Layer)!;
            if (IsMeasured(model.Graph, node) && Normalisation.Of(model.Graph, node) is null)
                draft.AddToBias(target.Layer, new double[node.Shape.Channels]);
        }

        // Arrays are written in place while the sweep goes on; those of the original stay.
        Model original = Writable(model),
            changed = Writable(draft.ToModel());
        var work = new MeasuredCompression(original, changed, targets, inputs, isNoise, cancellation);
        foreach (var (then, now) in original.Graph.Nodes.Zip(changed.Graph.Nodes))
        {
            cancellation.ThrowIfCancellationRequested();
            work.Change(then, now);
            work._before.Compute(then);
            work._after.Compute(now);
        }

        var result = new ModelDraft(changed);
        foreach (var (weight, pattern) in work._patterns)
            result.Set(weight, changed.Weights[weight].Values, pattern);
        foreach (var (statistic, values) in work._norms)
            result.Set(statistic, values);
        return new BlockOutcome(result.ToModel(), work._outcomes);
    }

    private static Model Writable(Model model)
    {
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
            weights[name] =
                model.Weights[name].Element == ElementType.Float32
                    ? new WeightTensor(model.Weights[name].Shape, [.. model.Weights[name].Values])
                    : model.Weights[name];
        return model with { Weights = weights };
    }

    private void Change(GraphNode then, GraphNode now)
    {
        if (_targets.TryGetValue(then.Name, out var target))
        {
            _outcomes.Add(Remove(then, now, target));
            _moved.Add(then.Name);
        }
        else if (then.Inputs.Any(_moved.Contains))
            _moved.Add(then.Name);
        if (
            then.Operator is BatchNorm norm
            && (_isNoise || _moved.Contains(then.Name))
            && Normalisation.OwnsStatistics(_original.Graph, norm)
        )
            Renormalise(then, norm);
    }

    private BlockLayerOutcome Remove(GraphNode then, GraphNode now, BlockTarget target)
    {
        var form = LayerForm.OfWeights(_original.Graph, then);
        var weight = _original.Weights[form.Weight];
        double[] scale = Normalisation.Of(_original.Graph, then) is { } norm
            ? norm.Scale(_original.Weights)
            : [.. Enumerable.Repeat(1.0, form.Outputs)];
        var inputs = weight.Values.Length / (form.Outputs * form.Taps);
        var input = then.Inputs[0];
        if (!IsMeasured(_original.Graph, then) || inputs > BlockCompression.MostFeatures)
        {
            Take(form.Weight, BlockCompression.Dropped(weight, form, scale, target));
            return new BlockLayerOutcome(target.Layer, inputs - target.Removed, inputs, null);
        }

        var shape = _original.Graph.ShapeOf(input);
        var patches =
            inputs * form.Taps <= MostWeights
                ? PatchStatistics.Measure(_original.Graph, form, weight.Values, _before[input], _after[input])
                : null;
        var covariance = patches?.ChannelCovariance(form.Taps) ?? MeasuredMoments.Of(_after[input], shape, shape.Channels).Covariance;
        var (values, pattern) = BlockCompression.Restored(weight, form, scale, target, covariance);
        if (patches is not null)
            Fit(values, pattern, patches, form.Taps);
        Take(form.Weight, (values, pattern));
        if (Normalisation.Of(_original.Graph, then) is null)
            MoveBias(form, now, weight.Values, values, patches);
        return new BlockLayerOutcome(target.Layer, inputs - target.Removed, inputs, patches is null ? null : Error(values, patches, scale));
    }

    private void Take(string weight, (float[] Values, BlockPattern Pattern) result)
    {
        result.Values.CopyTo(_changed.Weights[weight].Values, 0);
        _patterns[weight] = result.Pattern;
    }

    private static bool IsMeasured(Graph graph, GraphNode layer) =>
        LayerForm.Find(graph, layer) is not null && LayerForm.HasOwnWeights(graph, layer);

    // The weights of every group solve (C + ridge) w = c + ridge w0, over the inputs that the group keeps.
    private static void Fit(float[] values, BlockPattern pattern, PatchStatistics patches, int taps)
    {
        var width = patches.Products.Rows;
        var ridge = Math.Max(RelativeRidge * patches.Products.Trace() / width, 1e-12);
        Parallel.For(
            0,
            pattern.Groups,
            group =>
            {
                int[] kept = [.. pattern.Kept(group).SelectMany(channel => Enumerable.Range(channel * taps, taps))];
                var (factor, pull) = Cholesky.FactorWithRidge(patches.Products.Take(kept, kept), ridge);
                var right = new double[kept.Length];
                for (var output = group * pattern.BlockLength; output < (group + 1) * pattern.BlockLength; output++)
                {
                    for (var index = 0; index < kept.Length; index++)
                        right[index] = patches.Targets[kept[index], output] + (pull * values[(output * width) + kept[index]]);
                    factor.Solve(right);
                    for (var index = 0; index < kept.Length; index++)
                        values[(output * width) + kept[index]] = (float)right[index];
                }
            }
        );
    }

    // Without a normalisation behind it the bias holds the mean of the output where it was.
    private void MoveBias(LayerForm form, GraphNode now, float[] then, float[] values, PatchStatistics? patches)
    {
        var width = values.Length / form.Outputs;
        var before = patches is null ? TapMeans(form, _before) : [];
        var after = patches?.Inputs ?? TapMeans(form, _after);
        var bias = _changed.Weights[now.Operator.Parameters.First(use => use.Role == "bias").Name].Values;
        for (var output = 0; output < form.Outputs; output++)
        {
            double Mean(float[] weight, double[] inputs)
            {
                double sum = 0;
                for (var index = 0; index < width; index++)
                    sum += weight[(output * width) + index] * inputs[index];
                return sum;
            }

            bias[output] += (float)((patches?.Outputs[output] ?? Mean(then, before)) - Mean(values, after));
        }
    }

    // The mean of what each tap reads: that of its channel, where it does not lie beyond the rim.
    private double[] TapMeans(LayerForm form, NodeSweep sweep)
    {
        var input = form.Node.Inputs[0];
        var means = MeasuredMoments.MeanAndVariance(sweep[input], _original.Graph.ShapeOf(input)).Mean;
        var inside = RimShares.Inside(_original.Graph, form);
        return [.. means.SelectMany(mean => inside.Select(share => mean * share))];
    }

    private void Renormalise(GraphNode node, BatchNorm norm)
    {
        var shape = _original.Graph.ShapeOf(node.Inputs[0]);
        var then = MeasuredMoments.MeanAndVariance(_before[node.Inputs[0]], shape);
        var now = MeasuredMoments.MeanAndVariance(_after[node.Inputs[0]], shape);
        float[] means = [.. _original.Weights[norm.Mean].Values],
            variances = [.. _original.Weights[norm.Variance].Values];
        for (var channel = 0; channel < means.Length; channel++)
        {
            // A channel that these inputs leave constant keeps what training measured: other inputs may not.
            if (then.Variance[channel] <= MeasuredMoments.ConstantVariance || now.Variance[channel] <= MeasuredMoments.ConstantVariance)
            {
                (then.Mean[channel], then.Variance[channel]) = (means[channel], variances[channel]);
                (now.Mean[channel], now.Variance[channel]) = (means[channel], variances[channel]);
                continue;
            }

            // In units of the deviation, so that inputs of another contrast than the training data move it as those would.
            var ratio = variances[channel] / then.Variance[channel];
            means[channel] += (float)((now.Mean[channel] - then.Mean[channel]) * Math.Sqrt(ratio));
            variances[channel] = (float)(now.Variance[channel] * ratio);
        }

        (_norms[norm.Mean], _norms[norm.Variance]) = (means, variances);
        if (_isNoise)
        {
            Set(_original, norm, then);
            Set(_changed, norm, now);
        }
        else
            Set(_changed, norm, (Array.ConvertAll(means, value => (double)value), Array.ConvertAll(variances, value => (double)value)));
    }

    private static void Set(Model model, BatchNorm norm, (double[] Mean, double[] Variance) moments)
    {
        Array.ConvertAll(moments.Mean, value => (float)value).CopyTo(model.Weights[norm.Mean].Values, 0);
        Array.ConvertAll(moments.Variance, value => (float)value).CopyTo(model.Weights[norm.Variance].Values, 0);
    }

    private static double Error(float[] values, PatchStatistics patches, double[] scale)
    {
        var width = patches.Products.Rows;
        var (lost, whole) = (0.0, 0.0);
        for (var output = 0; output < scale.Length; output++)
        {
            double[] filter = [.. values.AsSpan(output * width, width).ToArray().Select(value => (double)value)];
            var error = patches.Variance[output];
            for (var row = 0; row < width; row++)
            {
                if (filter[row] != 0)
                    error += filter[row] * (Matrix.Dot(patches.Products.Row(row), filter) - (2 * patches.Targets[row, output]));
            }

            lost += Math.Max(error, 0) * scale[output] * scale[output];
            whole += patches.Variance[output] * scale[output] * scale[output];
        }

        return whole > 0 ? lost / whole : 0;
    }
}
