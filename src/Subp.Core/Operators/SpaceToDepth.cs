using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Pixels become channels: [batch, channels, height, width] to [batch, block² * channels, height / block, width / block]. A channel of the
/// result counts row and column in the square, then the channel of the input: the inverse of <see cref="DepthToSpace"/> in its usual form.
/// </summary>
public sealed record SpaceToDepth : Operator
{
    /// <summary>The extent of the square of pixels that becomes one pixel.</summary>
    public required int Block { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "space_to_depth";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var image = context.Image();
        context.RequireRange("block", Block, 1, 1 << 14);
        if (image.Height % Block != 0 || image.Width % Block != 0)
            throw context.Error(
                FormattableString.Invariant($"a plane of {image.Height} by {image.Width} in squares of {Block}"),
                "multiples of the block"
            );
        return new TensorShape(
            image.Batch,
            (int)Math.Min((long)image.Channels * Block * Block, int.MaxValue),
            image.Height / Block,
            image.Width / Block
        );
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => writer.Write("block", Block);

    internal static Operator Read(IAttributeReader reader) => new SpaceToDepth { Block = reader.Integer("block") };
}
