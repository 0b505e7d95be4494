using Subp.Compression.Propagation;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Calibration;

/// <summary>
/// Measures the mean and variance of every batch normalisation again, front to back: each sees what the changed layers before it make of
/// the inputs, with the normalisations before it measured already. No labels and no gradients are needed. A channel that is constant on
/// all inputs keeps what it has: a variance of 0 would blow up what other inputs make of it.
/// </summary>
internal static class NormRecalibration
{
    /// <summary>The network with measured statistics; where it has no batch normalisation, the network itself.</summary>
    public static Model Measure(Model model, IReadOnlyList<float[]> inputs, CancellationToken cancellation)
    {
        if (!model.Graph.Nodes.Any(node => node.Operator is BatchNorm))
            return model;
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
            weights[name] = model.Weights[name];
        foreach (var norm in model.Graph.Nodes.Select(node => node.Operator).OfType<BatchNorm>())
        {
            foreach (var name in new[] { norm.Mean, norm.Variance })
                weights[name] = new WeightTensor(weights[name].Shape, [.. weights[name].Values]);
        }

        var copy = model with { Weights = weights };
        var sweep = new NodeSweep(copy, inputs, cancellation);
        sweep.Run(node =>
        {
            if (node.Operator is not BatchNorm norm || !Normalisation.OwnsStatistics(model.Graph, norm))
                return;
            var (mean, variance) = MeasuredMoments.MeanAndVariance(sweep[node.Inputs[0]], model.Graph.ShapeOf(node.Inputs[0]));
            for (var channel = 0; channel < mean.Length; channel++)
            {
                if (variance[channel] <= MeasuredMoments.ConstantVariance)
                    continue;
                weights[norm.Mean].Values[channel] = (float)mean[channel];
                weights[norm.Variance].Values[channel] = (float)variance[channel];
            }
        });
        return copy;
    }
}
