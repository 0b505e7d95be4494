using Subp.Core.Graphs;

namespace Subp.Core.Interpretation;

/// <summary>
/// The inputs of a network as one: several follow each other in the order of the interface, as a loaded session and the
/// <see cref="ReferenceInterpreter"/> take them.
/// </summary>
public static class JoinedInputs
{
    /// <summary>The shape of the input; of several, a list of all their elements.</summary>
    public static TensorShape ShapeOf(Graph graph) =>
        graph.Inputs.Count == 1 ? graph.Inputs[0].Shape : new TensorShape(graph.Inputs.Sum(input => input.Shape.ElementCount));

    /// <summary>Each input by its name.</summary>
    /// <param name="inputs">The inputs of the network.</param>
    /// <param name="input">The elements of all of them.</param>
    /// <exception cref="ArgumentException">There are more or fewer elements.</exception>
    public static Dictionary<string, float[]> Split(IReadOnlyList<GraphInput> inputs, float[] input)
    {
        if (input.Length != inputs.Sum(declared => declared.Shape.ElementCount))
            throw new ArgumentException(
                $"{input.Length} elements for inputs of {inputs.Sum(declared => declared.Shape.ElementCount)}.",
                nameof(input)
            );
        // One input is itself: sets of images are large, and need not be copied.
        if (inputs.Count == 1)
            return new Dictionary<string, float[]>(StringComparer.Ordinal) { [inputs[0].Name] = input };
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
