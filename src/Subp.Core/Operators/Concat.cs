using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Two or more values that differ along one axis only, one behind the other along it: the channels of images, the features of vectors.
/// </summary>
public sealed record Concat : Operator
{
    /// <summary>The axis, counted from 0; channels and features are 1.</summary>
    public int Axis { get; init; } = 1;

    /// <inheritdoc/>
    public override string Mnemonic => "concat";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (2, int.MaxValue);

    /// <inheritdoc/>
    /// <exception cref="SubpException">The inputs differ along another axis, or are too large together.</exception>
    public override TensorShape InferShape(ShapeContext context)
    {
        var first = context.Inputs[0];
        context.RequireAxis("axis", Axis, first);
        long extent = 0;
        foreach (var input in context.Inputs)
        {
            if (input.Rank != first.Rank || !Others(input).SequenceEqual(Others(first)))
                throw context.Error(
                    $"the shapes {first} and {input}",
                    Axis == 1
                        ? "shapes that differ in their channels only"
                        : FormattableString.Invariant($"shapes that differ along axis {Axis} only")
                );
            extent += input[Axis];
        }

        int[] dimensions = [.. first.Dimensions];
        dimensions[Axis] = (int)Math.Min(extent, int.MaxValue);
        return new TensorShape(dimensions);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.Requantized();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        if (Axis != 1)
            writer.Write("axis", Axis);
    }

    private IEnumerable<int> Others(TensorShape shape) => shape.Dimensions.Where((_, axis) => axis != Axis);

    internal static Operator Read(IAttributeReader reader) => new Concat { Axis = reader.Integer("axis", 1) };
}
