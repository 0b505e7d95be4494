using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Export;

/// <summary>Writes reductions in the form of opset 17: ReduceSum takes its axes as an input, all others as an attribute.</summary>
internal static class ReductionWriters
{
    public static void WriteReduce(GraphWriter writer, GraphNode node, Reduce reduce)
    {
        // Without axes ONNX reduces along all of them.
        if (reduce.Axes.Count == 0)
        {
            WriteWithoutAxes(writer, node, reduce);
            return;
        }

        var keep = Attributes.Integer("keepdims", reduce.KeepDimensions ? 1 : 0);
        var axes = reduce.Axes.Select(axis => (long)axis).ToArray();
        if (reduce.Kind == ReduceKind.Sum)
            writer.Node("ReduceSum", [node.Inputs[0], writer.Integers($"{node.Name}.axes", axes)], node.Name, keep);
        else
            writer.Node(Name(reduce.Kind), node.Inputs, node.Name, Attributes.Integers("axes", axes), keep);
    }

    public static void WriteArgExtreme(GraphWriter writer, GraphNode node, ArgExtreme search)
    {
        var index = writer.UniqueName($"{node.Name}.index");
        writer.Node(
            search.IsMinimum ? "ArgMin" : "ArgMax",
            node.Inputs,
            index,
            Attributes.Integer("axis", search.Axis),
            Attributes.Integer("keepdims", search.KeepDimensions ? 1 : 0),
            Attributes.Integer("select_last_index", search.SelectsLast ? 1 : 0)
        );
        writer.Node("Cast", [index], node.Name, Attributes.Integer("to", 1));
    }

    public static void WriteTopIndices(GraphWriter writer, GraphNode node, TopIndices top)
    {
        var (values, indices) = (writer.UniqueName($"{node.Name}.values"), writer.UniqueName($"{node.Name}.indices"));
        writer.Node(
            "TopK",
            [node.Inputs[0], writer.Integers($"{node.Name}.count", top.Count)],
            [values, indices],
            Attributes.Integer("axis", top.Axis),
            Attributes.Integer("largest", top.IsSmallest ? 0 : 1)
        );
        writer.Node("Cast", [indices], node.Name, Attributes.Integer("to", 1));
    }

    public static void WriteLocalResponseNorm(GraphWriter writer, GraphNode node, LocalResponseNorm norm) =>
        writer.Node(
            "LRN",
            node.Inputs,
            node.Name,
            Attributes.Integer("size", norm.Size),
            Attributes.Real("alpha", norm.Alpha),
            Attributes.Real("beta", norm.Beta),
            Attributes.Real("bias", norm.Bias)
        );

    public static string Name(ReduceKind kind) =>
        kind switch
        {
            ReduceKind.Maximum => "ReduceMax",
            ReduceKind.Minimum => "ReduceMin",
            ReduceKind.Product => "ReduceProd",
            _ => $"Reduce{kind}",
        };

    private static void WriteWithoutAxes(GraphWriter writer, GraphNode node, Reduce reduce)
    {
        switch (reduce.Kind)
        {
            case ReduceKind.L1 or ReduceKind.L2:
                writer.Node("Abs", node.Inputs, node.Name);
                break;
            case ReduceKind.SumSquare:
                writer.Node("Mul", [node.Inputs[0], node.Inputs[0]], node.Name);
                break;
            case ReduceKind.LogSum:
                writer.Node("Log", node.Inputs, node.Name);
                break;
            default:
                writer.Node("Identity", node.Inputs, node.Name);
                break;
        }
    }
}
