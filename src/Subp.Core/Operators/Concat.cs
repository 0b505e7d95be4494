using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>The channels of two or more images of one extent, or the features of two or more vectors, one behind the other.</summary>
public sealed record Concat : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "concat";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (2, int.MaxValue);

    /// <inheritdoc/>
    /// <exception cref="SubpException">The inputs differ in more than their channels, or have too many together.</exception>
    public override TensorShape InferShape(ShapeContext context)
    {
        var first = context.Inputs[0];
        if (first.Rank < 2)
            throw context.Error($"an input of shape {first}", "[batch,channels,...]");
        long channels = 0;
        foreach (var input in context.Inputs)
        {
            if (
                !input.Dimensions.Where((_, axis) => axis != 1).SequenceEqual(first.Dimensions.Where((_, axis) => axis != 1))
                || input.Rank != first.Rank
            )
                throw context.Error($"the shapes {first} and {input}", "shapes that differ in their channels only");
            channels += input.Channels;
        }

        int[] dimensions = [.. first.Dimensions];
        dimensions[1] = (int)Math.Min(channels, int.MaxValue);
        return new TensorShape(dimensions);
    }

    internal static Operator Read(IAttributeReader reader) => new Concat();
}
