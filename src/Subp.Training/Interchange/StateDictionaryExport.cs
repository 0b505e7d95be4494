using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Training.Interchange.Networks;

namespace Subp.Training.Interchange;

/// <summary>
/// Writes the weights of a network of the zoo under the names of PyTorch. In a packed network the normalisations are folded into the
/// convolutions; it gets normalisations that change nothing, so that the PyTorch network computes the same.
/// </summary>
public static class StateDictionaryExport
{
    /// <summary>The tensors of a network by their names in PyTorch, dense, in the order of the network.</summary>
    /// <param name="model">A network of the zoo, trained or packed.</param>
    /// <param name="withMasks">Also write a buffer <c>mask</c> beside every block-sparse weight, as the SUBP authors do.</param>
    /// <exception cref="SubpException">SUBP0566: the network is not one of the zoo, or was changed.</exception>
    public static WeightSet Tensors(Model model, bool withMasks = false)
    {
        var graph = Original(model.Graph);
        var names = StateNames.Of(graph)!;
        var tensors = new WeightSet();
        foreach (var node in graph.Nodes.Where(node => node.Operator.Parameters.Count > 0))
        {
            foreach (var use in node.Operator.Parameters)
            {
                string name = names[use.Name][0];
                var shape = graph.Parameter(use.Name).Shape;
                tensors[name] = model.Weights.Find(use.Name) ?? Identity(model, graph, node, use.Role);
                if (!tensors[name].Shape.Equals(shape))
                    throw NotNamed(model.Graph);

                if (withMasks && model.Graph.FindParameter(use.Name)?.Pattern is { } pattern)
                    tensors[StateNames.MaskOf(name)] = Mask(pattern, shape);
            }
        }

        return tensors;
    }

    /// <summary>SUBP0566.</summary>
    internal static SubpException NotNamed(Graph graph) =>
        new(
            DiagnosticDescriptors.NetworkWithoutStateNames,
            $"graph '{graph.Name}'",
            "a network whose parameters have no names in PyTorch",
            $"one of {string.Join(", ", ZooNetwork.Names)}, as training or import made it",
            "Export it to ONNX instead."
        );

    /// <summary>The network of the zoo that a graph was before packing.</summary>
    private static Graph Original(Graph graph)
    {
        if (!ZooNetwork.Names.Contains(graph.Name) || !graph.Inputs[0].Shape.IsImage)
            throw NotNamed(graph);

        var image = graph.Inputs[0].Shape;
        int? Width(string parameter) => graph.FindParameter(parameter)?.Shape[0];
        int?[] widths =
            graph.Name == Models.FashionResNet8.Name
                ? [Width("stage1.conv1.weight"), Width("stage2.conv1.weight"), Width("stage3.conv1.weight")]
                : [Width("stem.weight")];
        var extents = new ZooExtents(
            image.Channels,
            graph.ShapeOf(graph.Outputs[0])[1],
            widths.All(width => width is not null) ? [.. widths.Select(width => width!.Value)] : null
        );
        var original = ZooNetwork.Build(graph.Name, extents, image.Batch, image.Height, image.Width);
        // A network that was changed has parameters of other names; writing the rest would give another network.
        return graph.Parameters.All(parameter =>
            original.FindParameter(parameter.Name) is not null || IsFoldedBias(original, parameter.Name)
        )
            ? original
            : throw NotNamed(graph);
    }

    private static bool IsFoldedBias(Graph original, string parameter) =>
        original.Nodes.Any(node => node.Operator is BatchNorm && FoldedBias(node) == parameter);

    // Folding writes the bias of the convolution before.
    private static string FoldedBias(GraphNode normalization) => $"{normalization.Inputs[0]}.bias";

    private static WeightTensor Identity(Model model, Graph original, GraphNode node, string role)
    {
        if (node.Operator is not BatchNorm normalization || model.Graph.FindNode(node.Name) is not null)
            throw NotNamed(model.Graph);

        // A bias that the convolution has in PyTorch as well is written there.
        string bias = FoldedBias(node);
        if (role == "shift" && original.FindParameter(bias) is null && model.Weights.Find(bias) is { } folded)
            return folded;

        var shape = original.Parameter(normalization.Scale).Shape;
        var values = new float[shape.ElementCount];
        if (role == "scale")
            Array.Fill(values, 1f);
        else if (role == "variance")
            Array.Fill(values, 1f - normalization.Epsilon);

        return new WeightTensor(shape, values);
    }

    private static WeightTensor Mask(BlockPattern pattern, TensorShape shape)
    {
        var values = new float[shape.ElementCount];
        int taps = shape.ElementCount / (shape[0] * shape[1]);
        for (int row = 0; row < shape[0]; row++)
        {
            foreach (int channel in pattern.Kept(row / pattern.BlockLength))
                values.AsSpan(((row * shape[1]) + channel) * taps, taps).Fill(1f);
        }

        return new WeightTensor(shape, values);
    }
}
