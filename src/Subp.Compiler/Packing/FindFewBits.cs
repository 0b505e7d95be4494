using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>
/// Declares the bits of every weight of a convolution or linear layer that few bits give back exactly: bytes that are small integers, and
/// floats that are small integers times one scale for each output channel, as <c>subp compress --bits</c> leaves them. A weight that would
/// change by a bit, or of which too little would be saved, stays as it is. What was declared before counts for nothing.
/// </summary>
public sealed class FindFewBits : PackingPass
{
    /// <summary>The name of the pass.</summary>
    public const string PassName = "find-few-bits";

    /// <inheritdoc/>
    public override string Name => PassName;

    /// <inheritdoc/>
    public override Model Run(Model model)
    {
        var candidates = model
            .Graph.Nodes.Where(node => node.Operator is Conv2d or Linear)
            .Select(node => node.Operator.Parameters[0].Name)
            .ToHashSet(StringComparer.Ordinal);
        var parameters = model
            .Graph.Parameters.Select(parameter =>
                (candidates.Contains(parameter.Name) ? Bits(parameter, model.Weights[parameter.Name]) : null) is var bits
                && bits != parameter.Bits
                    ? parameter with
                    {
                        Bits = bits,
                    }
                    : parameter
            )
            .ToArray();
        return parameters.SequenceEqual(model.Graph.Parameters) ? model : model with { Graph = model.Graph.With(parameters: parameters) };
    }

    /// <summary>The bits of a weight, or null where it is better stored as it is.</summary>
    public static int? Bits(Parameter parameter, WeightTensor weight)
    {
        if (GridValues.Find(parameter, weight) is not { } grid)
            return null;
        long count = grid.Integers.Length,
            plain = count * ElementTypes.SizeOf(parameter.Element),
            packed = StoredBits.BytesOf(count, grid.Bits) + (sizeof(float) * (long)(grid.Scales?.Length ?? 0));
        return StoredBits.ArePacked(plain, packed) ? grid.Bits : null;
    }
}
