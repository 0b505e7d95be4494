using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Numerics;

namespace Subp.Training.Models;

/// <summary>
/// Initial weights: convolutions normal with deviation sqrt(2 / (Kh Kw Cout / groups)) (He et al., 2015, fan-out), linear layers
/// uniform in +-1 / sqrt(in), normalisations 1 and 0. Every parameter has a generator of its own, seeded by the run's seed and
/// the position of the parameter, so that one layer more does not change the others before it.
/// </summary>
public static class WeightInitializer
{
    /// <summary>Values for all parameters of a graph.</summary>
    public static WeightSet Initialize(Graph graph, ulong seed)
    {
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
            weights[parameter.Name] = new WeightTensor(parameter.Shape, new float[parameter.Shape.ElementCount]);

        foreach (var node in graph.Nodes)
        {
            foreach (var use in node.Operator.Parameters)
            {
                var random = new DeterministicRandom((seed * 0x9E3779B97F4A7C15UL) + (ulong)weights.Names.ToList().IndexOf(use.Name));
                Fill(node.Operator, use, weights[use.Name], random);
            }
        }

        return weights;
    }

    private static void Fill(Operator @operator, ParameterUse use, WeightTensor tensor, DeterministicRandom random)
    {
        switch (@operator, use.Role)
        {
            case (Conv2d conv, "weight"):
                double fanOut = (double)tensor.Shape[2] * tensor.Shape[3] * tensor.Shape[0] / conv.Groups;
                double deviation = Math.Sqrt(2.0 / fanOut);
                FillWith(tensor.Values, () => deviation * random.NextGaussian());
                break;
            case (Linear, "weight"):
                double bound = 1.0 / Math.Sqrt(tensor.Shape[1]);
                FillWith(tensor.Values, () => bound * ((2 * random.NextDouble()) - 1));
                break;
            case (BatchNorm, "scale" or "variance"):
                Array.Fill(tensor.Values, 1f);
                break;
        }
    }

    private static void FillWith(float[] values, Func<double> next)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)next();
    }
}
