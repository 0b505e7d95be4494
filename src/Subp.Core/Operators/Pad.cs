using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>Elements in front of and behind a value along its last axes: rows and columns around an image, or along any axis.</summary>
public sealed record Pad : Operator
{
    private static readonly string[] Modes = ["constant", "reflect", "edge", "wrap"];

    /// <summary>
    /// How many elements are added along the last axes of the value, for n axes 2 * n numbers: all counts in front, then all counts behind.
    /// </summary>
    public EquatableList<int> Pads { get; init; } = EquatableList<int>.Empty;

    /// <summary>What is added.</summary>
    public PadMode Mode { get; init; }

    /// <summary>The constant; infinities are possible, since a maximum pool may follow.</summary>
    public float Value { get; init; }

    /// <summary>The rows and columns around an image: <see cref="Pads"/> of the last two axes.</summary>
    /// <exception cref="InvalidOperationException">The padding is not along exactly two axes.</exception>
    public Padding Padding
    {
        get =>
            Pads.Count == 4
                ? new Padding(Pads[0], Pads[1], Pads[2], Pads[3])
                : throw new InvalidOperationException("The padding is not along two axes.");
        init => Pads = new[] { value.Top, value.Left, value.Bottom, value.Right };
    }

    /// <inheritdoc/>
    public override string Mnemonic => "pad";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        var axes = Pads.Count / 2;
        if (Pads.Count % 2 != 0 || axes > shape.Rank)
            throw context.Error(
                $"pads = [{string.Join(",", Pads)}] for an input of shape {shape}",
                "two numbers for each of the last axes"
            );
        if (float.IsNaN(Value))
            throw context.Error("the padding value nan", "a number");
        int[] dimensions = [.. shape.Dimensions];
        for (var index = 0; index < axes; index++)
        {
            var extent = shape[shape.Rank - axes + index];
            var largest = Mode switch
            {
                PadMode.Reflect => extent - 1,
                PadMode.Wrap => extent,
                _ => int.MaxValue,
            };
            context.RequireRange("pads", Pads[index], 0, largest);
            context.RequireRange("pads", Pads[axes + index], 0, largest);
            // A sum beyond 32 bits must reach the check of the shape as a large extent, not wrap around.
            dimensions[shape.Rank - axes + index] = (int)Math.Min((long)extent + Pads[index] + Pads[axes + index], int.MaxValue);
        }

        return new TensorShape(dimensions);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("pads", [.. Pads]);
        if (Mode != PadMode.Constant)
            writer.Write("mode", Modes[(int)Mode]);
        if (Value != 0)
            writer.Write("value", Value);
    }

    /// <summary>How many elements are added in front of one axis of a value of a given rank.</summary>
    public int Before(int axis, int rank) => axis < rank - (Pads.Count / 2) ? 0 : Pads[axis - (rank - (Pads.Count / 2))];

    internal static Operator Read(IAttributeReader reader) =>
        new Pad
        {
            Pads = reader.Integers("pads"),
            Mode = reader.Word("mode", Modes) is { } mode ? (PadMode)Array.IndexOf(Modes, mode) : PadMode.Constant,
            Value = reader.Real("value", 0),
        };
}

/// <summary>What a <see cref="Pad"/> adds.</summary>
public enum PadMode
{
    /// <summary>One constant.</summary>
    Constant,

    /// <summary>The elements mirrored at the first and last one, which are not repeated.</summary>
    Reflect,

    /// <summary>The first and the last element again and again.</summary>
    Edge,

    /// <summary>The elements of the other end, as if the value went round.</summary>
    Wrap,
}
