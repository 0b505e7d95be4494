using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Channels become pixels: [batch, channels, height, width] to [batch, channels / block², height * block, width * block]. PyTorch's
/// PixelShuffle is the form in which the channel comes first.
/// </summary>
public sealed record DepthToSpace : Operator
{
    /// <summary>The extent of the square of pixels that one pixel becomes.</summary>
    public required int Block { get; init; }

    /// <summary>
    /// How an input channel is counted: true for channel, row, column (ONNX: CRD), false for row, column, channel (DCR), outermost first.
    /// </summary>
    public bool ChannelFirst { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "depth_to_space";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var image = context.Image();
        context.RequireRange("block", Block, 1, 1 << 14);
        if (image.Channels % (Block * Block) != 0)
            throw context.Error(
                FormattableString.Invariant($"{image.Channels} channels in squares of {Block} by {Block}"),
                FormattableString.Invariant($"a multiple of {Block * Block} channels")
            );
        return new TensorShape(
            image.Batch,
            image.Channels / (Block * Block),
            (int)Math.Min((long)image.Height * Block, int.MaxValue),
            (int)Math.Min((long)image.Width * Block, int.MaxValue)
        );
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("block", Block);
        if (ChannelFirst)
            writer.Write("channel_first", 1);
    }

    internal static Operator Read(IAttributeReader reader) =>
        new DepthToSpace { Block = reader.Integer("block"), ChannelFirst = reader.Integer("channel_first", 0) != 0 };
}
