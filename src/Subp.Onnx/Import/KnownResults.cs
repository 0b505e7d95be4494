using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Import.Folding;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import;

/// <summary>Computes operators whose inputs are all known at import, with the reference interpreter.</summary>
internal static class KnownResults
{
    // A few bytes of file can ask for a product of large constants; what takes longer than a moment stays in the network.
    private const long MostMultiplications = 1 << 28;

    // They can as well ask for a result of gigabytes: one far larger than what it is made of stays in the network, too.
    private const long AlwaysAllowed = 1 << 16;
    private const long AllowedPerInput = 4;

    /// <summary>The result, or null where it would take too long or would be far larger than its inputs.</summary>
    /// <param name="operator">The operator.</param>
    /// <param name="inputs">Its inputs, all of them known.</param>
    /// <param name="kind">What the elements of the result mean.</param>
    /// <param name="parameters">The values of the parameters of the network.</param>
    public static FoldedTensor? Compute(Operator @operator, GraphValue[] inputs, ElementKind kind, WeightSet parameters)
    {
        var builder = new GraphBuilder("known");
        foreach (var use in @operator.Parameters)
        {
            if (builder.FindParameter(use.Name) is null)
                builder.Parameter(use.Name, parameters[use.Name].Shape);
        }

        string[] names = [.. inputs.Select((input, index) => builder.Input(FormattableString.Invariant($"{index}"), input.Shape))];
        builder.Output(builder.Node("result", @operator, names));
        var graph = builder.Build();
        var allowed = AlwaysAllowed + (AllowedPerInput * inputs.Sum(input => (long)input.Shape.ElementCount));
        if (graph.ShapeOf("result").ElementCount > allowed || Multiplications(graph) > MostMultiplications)
            return null;
        var values = inputs.Select((input, index) => (names[index], input.Constant!.ToNumbers()));
        var model = new Model(graph, parameters);
        var result = new ReferenceInterpreter(model).RunAll(
            values.ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal)
        )["result"];
        int[] dimensions = [.. graph.ShapeOf("result").Dimensions];
        return kind == ElementKind.Real
            ? FoldedTensor.Of(dimensions, Array.ConvertAll(result, value => (float)value))
            : new FoldedTensor(
                dimensions,
                kind == ElementKind.Truth ? DataType.Bool : DataType.Int64,
                Array.ConvertAll(result, value => checked((long)value)),
                []
            );
    }

    private static long Multiplications(Graph graph)
    {
        var node = graph.Nodes[0];
        var input = graph.ShapeOf(node.Inputs[0]);
        return node.Operator switch
        {
            MatMul => (long)node.Shape.ElementCount * input[input.Rank - 1],
            Pool2d pool => (long)node.Shape.ElementCount * pool.Window.Kernel.Height * pool.Window.Kernel.Width,
            LocalResponseNorm norm => (long)node.Shape.ElementCount * Math.Min(norm.Size, input.Channels),
            _ => LayerCost.Of(graph, node).DenseMacs,
        };
    }
}
