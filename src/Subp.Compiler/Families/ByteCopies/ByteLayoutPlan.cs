using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>
/// A value from the dense layout to bytes with the channels last, or back; one side may be floats. A task is a row of an image, or the
/// features of one.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record ByteLayoutPlan(LayerFrame Frame) : BytePlan(Frame)
{
    /// <summary>The shape of both sides.</summary>
    public required TensorShape Shape { get; init; }

    /// <summary>True where the channels become last.</summary>
    public required bool ToLast { get; init; }

    /// <summary>What the bytes stand for where the dense side is floats; null where it is bytes.</summary>
    public Quantization? Quantization { get; init; }

    /// <summary>The bytes from one pixel to the next where the channels are last.</summary>
    public int Pitch => ByteLayout.ChannelPitch(Shape);

    /// <summary>Rows of an image.</summary>
    public int Rows => Shape.IsImage ? Shape.Height : 1;

    /// <summary>Columns of a row.</summary>
    public int Columns => Shape.IsImage ? Shape.Width : 1;

    /// <inheritdoc/>
    protected override string OperationName =>
        Quantization is null ? (ToLast ? "channels_last" : "channels_first")
        : ToLast ? "quantize"
        : "dequantize";

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        var element = Quantization is null ? 1.0 : sizeof(float);
        var work = new WorkList()
            .Add("layer", 1)
            .AddRead(machine, Shape.ElementCount * (ToLast ? element : 1))
            .AddWrite(machine, Shape.ElementCount * (ToLast ? 1 : element));
        // Pixels of few channels are put together at once.
        return (
            ToLast && Shape.IsImage && Pitch == ByteLayout.FewChannels
                ? work.Add("byte.vector", 2.0 * Shape.ElementCount / MachineDescription.Lanes(set))
                : work.Add("byte.value", Shape.ElementCount)
        ).Items;
    }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var element = Quantization is null ? 1 : sizeof(float);
        var row = Columns * Pitch;
        AddBytes(ToLast ? writes : reads, ToLast ? Target : Operands[0], range.TileFrom * row, range.TileTo * row);
        // The rows of all channels lie apart: which are whose is not worth knowing.
        AddBytes(ToLast ? reads : writes, ToLast ? Operands[0] : Target, 0, Shape.ElementCount * element);
    }
}
