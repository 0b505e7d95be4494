using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerElementwise;

/// <summary>
/// A function of one or two bytes. A task is a stretch of bytes, padding included; where one operand is a pixel per image, a row.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IntegerElementwisePlan(LayerFrame Frame) : BytePlan(Frame)
{
    /// <summary>The bytes of a task.</summary>
    public const int Chunk = 4096;

    /// <summary>The shape of the result.</summary>
    public required TensorShape Shape { get; init; }

    /// <summary>The result of each byte of a function of one; null for two operands.</summary>
    public IReadOnlyList<byte>? Table { get; init; }

    /// <summary>The quantisations of the operands.</summary>
    public IReadOnlyList<Quantization> Sources { get; init; } = [];

    /// <summary>The quantisation of the result.</summary>
    public required Quantization Result { get; init; }

    /// <summary>How steps become bytes.</summary>
    public required Placement Placement { get; init; }

    /// <summary>True where the second operand is one pixel per image.</summary>
    public bool IsGate { get; init; }

    /// <summary>The bytes from one pixel to the next.</summary>
    public int Pitch => ByteLayout.ChannelPitch(Shape);

    /// <summary>The bytes of the value.</summary>
    public int Length => ByteLayout.Length(Shape, Layout.ChannelsLast);

    /// <summary>The bytes of a task.</summary>
    public int TaskBytes => IsGate ? Shape.Width * Pitch : Chunk;

    /// <inheritdoc/>
    protected override string OperationName =>
        Node.Operator switch
        {
            Activate activate => activate.Activation.Word,
            Quantize => "requantize",
            var other => other.Mnemonic,
        };

    /// <inheritdoc/>
    public override double TileCost(int tile) => (double)(Math.Min(Length, (tile + 1) * TaskBytes) - (tile * TaskBytes)) / TaskBytes;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var (from, to) = (range.TileFrom * TaskBytes, Math.Min(Length, range.TileTo * TaskBytes));
        for (var operand = 0; operand < Operands.Count - 1; operand++)
        {
            if (operand == 1 && IsGate)
                AddBytes(reads, Operands[operand], 0, Shape.Batch * Pitch);
            else
                AddBytes(reads, Operands[operand], from, to);
        }

        AddBytes(writes, Target, from, to);
    }
}
