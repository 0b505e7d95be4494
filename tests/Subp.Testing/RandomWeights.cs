using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Testing;

/// <summary>
/// Random weights for any graph: scaled so that activations keep their size from layer to layer, zero outside block patterns.
/// </summary>
public static class RandomWeights
{
    /// <summary>The graph with random weights; the same seed gives the same weights.</summary>
    public static Model For(Graph graph, int seed)
    {
        var random = new Random(seed);
        var weights = new WeightSet();
        var norms = graph
            .Nodes.SelectMany(node => node.Operator.Parameters)
            .Where(use => use.Role is "variance" or "scale" or "weight_scale")
            .Select(use => use.Name)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var parameter in graph.Parameters)
            weights[parameter.Name] = Tensor(parameter, random, norms.Contains(parameter.Name));
        return new Model(graph, weights);
    }

    /// <summary>Random values from -1 to 1, for inputs; the same seed gives the same values.</summary>
    public static float[] Input(TensorShape shape, int seed)
    {
        var random = new Random(seed);
        var values = new float[shape.ElementCount];
        for (var index = 0; index < values.Length; index++)
            values[index] = (random.NextSingle() * 2) - 1;
        return values;
    }

    /// <summary>Random bytes as the interpreter takes them, for inputs; the same seed gives the same values.</summary>
    public static float[] Bytes(TensorShape shape, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (float)random.Next(256))];
    }

    private static WeightTensor Tensor(Parameter parameter, Random random, bool positive)
    {
        var (shape, pattern) = (parameter.Shape, parameter.Pattern);
        switch (parameter.Element)
        {
            case ElementType.UInt8:
                return WeightTensor.FromBytes(shape, [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (byte)random.Next(256))]);
            case ElementType.Int32:
                return WeightTensor.FromIntegers(shape, [.. Enumerable.Range(0, shape.ElementCount).Select(_ => random.Next(-4000, 4001))]);
            case ElementType.Int8:
                var count = pattern is null
                    ? shape.ElementCount
                    : pattern.KeptBlocks * pattern.BlockLength * (shape.ElementCount / shape[0] / pattern.InputChannels);
                sbyte[] signed = [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];
                return WeightTensor.FromSignedBytes(shape, pattern is null ? signed : BlockSparseValues.Unpack<sbyte>(parameter, signed));
        }

        var perOutput = shape.Rank == 0 ? 1 : shape.ElementCount / shape[0];
        var scale = shape.Rank <= 1 ? 0.5 : Math.Sqrt(6.0 / (perOutput * (pattern is null ? 1 : Math.Max(0.05, 1 - pattern.Sparsity))));
        float Next() => (float)(positive ? 0.5 + random.NextDouble() : scale * ((random.NextDouble() * 2) - 1));

        if (pattern is null)
            return new WeightTensor(shape, [.. Enumerable.Range(0, shape.ElementCount).Select(_ => Next())]);
        var stored = pattern.KeptBlocks * pattern.BlockLength * (perOutput / pattern.InputChannels);
        return new WeightTensor(shape, BlockSparseValues.Unpack<float>(parameter, [.. Enumerable.Range(0, stored).Select(_ => Next())]));
    }
}
