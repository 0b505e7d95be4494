using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning;

/// <summary>
/// How far a network may multiply the rounding of a layer before an output shows it. Every residual sum on the way adds to what was rounded
/// before it: with random weights by a quarter to a third (measured on the 16 sums of ResNet-50, decision 0028). An output that is an
/// image shows the worst of its pixels; behind a mean over the image or a linear layer the rounding of many pixels cancels, so that ways
/// through these do not count.
/// </summary>
internal static class RoundingExposure
{
    /// <summary>Sums that multiply rounding by about four. Layers with as many behind them keep to exact kernels.</summary>
    private const int Limit = 6;

    /// <summary>The nodes whose rounding may grow too far.</summary>
    public static IReadOnlyCollection<string> ExposedNodes(Graph graph)
    {
        // The most residual sums between a value and an output that is an image; values from which no such output is reached have no entry.
        var sums = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var output in graph.Outputs)
            Raise(output, 0);
        var exposed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Reverse())
        {
            if (!IsMap(node.Shape) || !sums.TryGetValue(node.Name, out var behind))
                continue;
            if (behind >= Limit)
                exposed.Add(node.Name);
            foreach (var input in node.Inputs)
                Raise(input, behind + (IsResidualSum(node) ? 1 : 0));
        }

        return exposed;

        void Raise(string value, int count)
        {
            if (!sums.TryGetValue(value, out var most) || most < count)
                sums[value] = count;
        }
    }

    private static bool IsMap(TensorShape shape) => shape.IsImage && shape.Height * shape.Width > 1;

    private static bool IsResidualSum(GraphNode node) => node is { Operator: Add or Conv2d, Inputs.Count: 2 };
}
