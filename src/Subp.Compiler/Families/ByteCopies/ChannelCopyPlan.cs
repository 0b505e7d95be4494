using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>
/// Bytes of channels in other places of the same pixel: joints, parts and shuffles of channels. A task is a row of an image, or the
/// features of one.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record ChannelCopyPlan(LayerFrame Frame) : BytePlan(Frame)
{
    /// <summary>The shapes of the operands.</summary>
    public required IReadOnlyList<TensorShape> Shapes { get; init; }

    /// <summary>Where the channels of the result come from, run by run.</summary>
    public required IReadOnlyList<ChannelRun> Runs { get; init; }

    /// <summary>Per operand, the result of each byte where its quantisation is another; null where bytes stay.</summary>
    public required IReadOnlyList<IReadOnlyList<byte>?> Tables { get; init; }

    /// <summary>The shape of the result.</summary>
    public TensorShape Shape => Node.Shape;

    /// <summary>Pixels of a task.</summary>
    public int Columns => Shape.IsImage ? Shape.Width : 1;

    /// <inheritdoc/>
    protected override string OperationName => Node.Operator.Mnemonic;

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        for (var operand = 0; operand < Shapes.Count; operand++)
            AddBytes(reads, Operands[operand], range.TileFrom * Row(Shapes[operand]), range.TileTo * Row(Shapes[operand]));
        AddBytes(writes, Target, range.TileFrom * Row(Shape), range.TileTo * Row(Shape));
    }

    private int Row(TensorShape shape) => Columns * ByteLayout.ChannelPitch(shape);
}

/// <summary>Channels that lie alike in operand and result.</summary>
/// <param name="Operand">The operand.</param>
/// <param name="From">The first channel of the operand.</param>
/// <param name="To">The first channel of the result.</param>
/// <param name="Count">The channels.</param>
/// <param name="Step">Channels of the operand from one to the next.</param>
/// <param name="TargetStep">Channels of the result from one to the next.</param>
internal readonly record struct ChannelRun(int Operand, int From, int To, int Count, int Step = 1, int TargetStep = 1);
