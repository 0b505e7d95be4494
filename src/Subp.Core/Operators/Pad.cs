using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>Rows and columns of one constant around an image.</summary>
public sealed record Pad : Operator
{
    /// <summary>The rows and columns that are added.</summary>
    public required Padding Padding { get; init; }

    /// <summary>The constant; infinities are possible, since a maximum pool may follow.</summary>
    public float Value { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "pad";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var image = context.Image();
        context.RequireRange("pads", Math.Min(Math.Min(Padding.Top, Padding.Left), Math.Min(Padding.Bottom, Padding.Right)), 0);
        if (float.IsNaN(Value))
            throw context.Error("the padding value nan", "a number");
        return new TensorShape(
            image.Batch,
            image.Channels,
            Extent(image.Height, Padding.Top, Padding.Bottom),
            Extent(image.Width, Padding.Left, Padding.Right)
        );
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("pads", Padding.Top, Padding.Left, Padding.Bottom, Padding.Right);
        if (Value != 0)
            writer.Write("value", Value);
    }

    // A sum beyond 32 bits must reach the check of the shape as a large extent, not wrap around.
    private static int Extent(int extent, int before, int after) => (int)Math.Min((long)extent + before + after, int.MaxValue);

    internal static Operator Read(IAttributeReader reader) =>
        new Pad
        {
            Padding = reader.Integers("pads", 4) is { } pads ? new Padding(pads[0], pads[1], pads[2], pads[3]) : Padding.None,
            Value = reader.Real("value", 0),
        };
}
