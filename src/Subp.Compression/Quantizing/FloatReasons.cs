using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Quantizing;

/// <summary>Why each node of a network that becomes one of bytes computes on floats.</summary>
internal static class FloatReasons
{
    /// <summary>The reasons by node; null where a node computes on bytes.</summary>
    /// <param name="graph">The network as it is to be computed.</param>
    /// <param name="options">What stays float whatever it is.</param>
    public static Dictionary<string, string?> Find(Graph graph, Int8Options options)
    {
        var stranded = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var reasons = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var node in graph.Nodes)
                reasons[node.Name] =
                    options.FloatReason(node.Name)
                    ?? (stranded.Contains(node.Name) ? "its bytes cannot become floats in this shape" : Reason(graph, node, reasons));
            // Who reads it is known once all others are, and that it stays float may let its readers and what it reads stay so too.
            var count = stranded.Count;
            stranded.UnionWith(graph.Nodes.Where(node => IsStranded(graph, node, reasons)).Select(node => node.Name));
            if (stranded.Count == count)
                return reasons;
        }
    }

    private static string? Reason(Graph graph, GraphNode node, Dictionary<string, string?> reasons)
    {
        switch (node.Operator)
        {
            case Conv2d { Activation.IsClamp: false }
            or Linear { Activation.IsClamp: false }
            or Add { Activation.IsClamp: false }
            or Mul { Activation.IsClamp: false }:
                return "its activation is no clamp";
            case Conv2d or Linear or Add or Mul or Concat or Activate or Pool2d or GlobalAveragePool when !IntegerForm.Exists(graph, node):
                return "it has no integer form for these shapes";
            case Conv2d or Linear:
                var weight = graph.Parameter(node.Operator.Parameters[0].Name);
                return IntegerLayer.SummandsOf(weight) > IntegerLayer.MostSummands ? "its sums could leave 32 bits" : null;
            case Pool2d
            or GlobalAveragePool when IntegerLayer.AveragedBy(node.Operator, graph.ShapeOf(node.Inputs[0])) > IntegerLayer.MostAveraged:
                return "its sums could leave 32 bits";
            case Pad { Mode: PadMode.Constant, Value: not 0 }:
                return "its value has no byte";
            case Add or Mul or Concat or Activate or Pool2d or GlobalAveragePool or Pad:
            case var other when StatisticalRanges.MovesOnly(other):
                return node.Inputs.All(input => graph.FindNode(input) is not null && reasons[input] is null) ? null : "it reads floats";
            default:
                return "it has no integer form";
        }
    }

    // Bytes that were only moved may have any shape, floats are made of those of images and vectors.
    private static bool IsStranded(Graph graph, GraphNode node, Dictionary<string, string?> reasons) =>
        reasons[node.Name] is null
        && !IntegerForm.IsConvertible(node.Shape)
        && (graph.IsOutput(node.Name) || graph.ConsumersOf(node.Name).Any(reader => reasons[reader.Name] is not null));
}
