using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerPooling;

/// <summary>The largest byte or the mean of each window. A task is a row of output; of a pool over whole images, an image.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IntegerPoolPlan(LayerFrame Frame) : BytePlan(Frame)
{
    /// <summary>The pool; null for the mean of whole images.</summary>
    public Pool2d? Pool { get; init; }

    /// <summary>The shape of the input.</summary>
    public required TensorShape InputShape { get; init; }

    /// <summary>The bytes from one pixel to the next, of input and output.</summary>
    public required (int Input, int Output) Pitch { get; init; }

    /// <summary>The byte of the input that stands for 0.</summary>
    public required int InputZero { get; init; }

    /// <summary>The scale of the input as a part of that of the result.</summary>
    public required float Ratio { get; init; }

    /// <summary>How steps become bytes.</summary>
    public required Placement Placement { get; init; }

    /// <summary>True for the largest byte.</summary>
    public bool IsMaximum => Pool?.Kind == PoolKind.Maximum;

    /// <inheritdoc/>
    protected override string OperationName => Pool is null ? "globalpool" : (IsMaximum ? "maxpool" : "avgpool") + WindowText(Pool.Window);

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var row = InputShape.Width * Pitch.Input;
        for (var tile = range.TileFrom; tile < range.TileTo; tile++)
        {
            if (Pool is null)
            {
                AddBytes(reads, Operands[0], tile * InputShape.Height * row, (tile + 1) * InputShape.Height * row);
                AddBytes(writes, Target, tile * Pitch.Output, (tile + 1) * Pitch.Output);
                continue;
            }

            var (window, shape) = (Pool.Window, Node.Shape);
            var (image, first) = (tile / shape.Height, (tile % shape.Height * window.Stride.Height) - window.Padding.Top);
            var from = Math.Max(0, first);
            var to = Math.Min(InputShape.Height, first + ((window.Kernel.Height - 1) * window.Dilation.Height) + 1);
            AddBytes(reads, Operands[0], ((image * InputShape.Height) + from) * row, ((image * InputShape.Height) + to) * row);
            AddBytes(writes, Target, tile * shape.Width * Pitch.Output, (tile + 1) * shape.Width * Pitch.Output);
        }
    }
}
