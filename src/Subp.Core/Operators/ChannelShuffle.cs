using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Interleaves groups of channels (ShuffleNet): channel g * (channels / groups) + i of the input becomes channel i * groups + g of the
/// result. That is a reshape to [batch, groups, channels / groups, ...], a transposition of the two middle axes, and a reshape back.
/// </summary>
public sealed record ChannelShuffle : Operator
{
    /// <summary>The number of groups that are interleaved; it divides the channels.</summary>
    public required int Groups { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "channel_shuffle";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        if (shape.Rank < 2)
            throw context.Error($"an input of shape {shape}", "[batch,channels,...]");
        context.RequireRange("groups", Groups, 1);
        if (shape.Channels % Groups != 0)
            throw context.Error(FormattableString.Invariant($"{shape.Channels} channels in {Groups} groups"), "a multiple of the groups");
        return shape;
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => writer.Write("groups", Groups);

    internal static Operator Read(IAttributeReader reader) => new ChannelShuffle { Groups = reader.Integer("groups") };
}
