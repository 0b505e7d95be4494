using Subp.Core.Graphs;

namespace Subp.Tooling.Inputs;

/// <summary>
/// The inputs of a network as one: several follow each other in the order of the interface, as a loaded session and the reference
/// interpreter take them.
/// </summary>
internal static class JoinedShape
{
    /// <summary>The shape of the input; of several, a list of all their elements.</summary>
    public static TensorShape OfInputs(Graph graph) =>
        graph.Inputs.Count == 1 ? graph.Inputs[0].Shape : new TensorShape(graph.Inputs.Sum(input => input.Shape.ElementCount));

    /// <summary>Each input by its name.</summary>
    /// <param name="inputs">The inputs of the network.</param>
    /// <param name="input">The elements of all of them.</param>
    public static Dictionary<string, float[]> Split(IReadOnlyList<GraphInput> inputs, float[] input)
    {
        var values = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var start = 0;
        foreach (var declared in inputs)
        {
            values[declared.Name] = input.AsSpan(start, declared.Shape.ElementCount).ToArray();
            start += declared.Shape.ElementCount;
        }

        return values;
    }
}
