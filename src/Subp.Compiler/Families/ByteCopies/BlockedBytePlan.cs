using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>
/// Blocks of 16 channels of floats to bytes with the channels last, or back. A task is a block of one row of an image.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record BlockedBytePlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>True where floats become bytes.</summary>
    public required bool ToBytes { get; init; }

    /// <summary>The bytes from one pixel to the next.</summary>
    public required int Pitch { get; init; }

    /// <summary>What the bytes stand for.</summary>
    public required Quantization Quantization { get; init; }

    /// <summary>The bytes of a row of an image.</summary>
    public int RowBytes => Node.Shape.Width * Pitch;

    /// <summary>The floats in memory.</summary>
    public BufferPlan Blocks => ToBytes ? Inputs[0]! : Output!;

    /// <inheritdoc/>
    protected override string OperationName => ToBytes ? "quantize_blocks" : "dequantize_blocks";

    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet) =>
        $"u8_{OperationName}_{instructionSet.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var bytes = ToBytes ? Target : Operands[0];
        // Rows of bytes hold all blocks; which of them are whose is not worth knowing.
        var (from, to) = (range.TileFrom * RowBytes, range.TileTo * RowBytes);
        if (bytes.Memory == OperandMemory.Arena && from < to)
            (ToBytes ? writes : reads).Add(new ArenaSpan(bytes.Number + (from / sizeof(float)), bytes.Number + ByteLayout.Floats(to)));
        foreach (var (image, first, end) in RowsOf(range, Node.Shape.Height, 1, Node.Shape.Height))
        {
            if (ToBytes)
                reads.Rows(Blocks, image, range.GroupFrom, range.GroupTo, first, end);
            else
                writes.OutputRows(Blocks, image, range.GroupFrom, range.GroupTo, first, end);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        CostModel.ConversionWork(Node.Shape, ToBytes, set, machine);
}
