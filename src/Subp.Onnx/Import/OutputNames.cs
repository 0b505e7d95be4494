using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Onnx.Import;

/// <summary>
/// Gives the outputs of an imported graph the names they have in the model. They differ where the last ONNX nodes vanish, such as Identity:
/// then the value bears the name of the node before.
/// </summary>
internal static class OutputNames
{
    /// <summary>Renames the values behind the outputs.</summary>
    /// <exception cref="SubpException">Two outputs are one value.</exception>
    public static Graph Restore(Graph graph, IReadOnlyList<(string Onnx, string Graph)> outputs)
    {
        var rename = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (onnx, value) in outputs)
        {
            if (!rename.TryAdd(value, onnx))
                throw new SubpException(
                    DiagnosticDescriptors.OnnxUnsupportedForm,
                    $"output '{onnx}'",
                    $"the same value as the output '{rename[value]}'",
                    "outputs that differ",
                    "Remove one of the two outputs."
                );
        }

        // The name of an input is the caller's interface and stays.
        foreach (var input in graph.Inputs)
            rename.Remove(input.Name);
        if (rename.All(pair => pair.Key == pair.Value))
            return graph;

        string Renamed(string name) => rename.GetValueOrDefault(name, name);
        return graph.With(
            nodes: [.. graph.Nodes.Select(node => node with { Name = Renamed(node.Name), Inputs = [.. node.Inputs.Select(Renamed)] })],
            outputs: [.. graph.Outputs.Select(Renamed)]
        );
    }
}
