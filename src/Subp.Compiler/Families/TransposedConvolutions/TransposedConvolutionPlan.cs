using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// A transposed convolution over dense images. A task is some rows of cells of eight output channels of an image: pixels that are a stride
/// apart read neighbouring input pixels under the same taps.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record TransposedConvolutionPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>Output channels that are summed side by side; weights are padded to it.</summary>
    public const int ChannelTile = 8;

    private const int FewPhases = 4;

    // What is read to be stored may reach beyond the sums by less than two vectors.
    private const int Further = 32;

    /// <summary>The convolution.</summary>
    public ConvTranspose2d Convolution => (ConvTranspose2d)Node.Operator;

    /// <summary>Input and output channels of one group.</summary>
    public required (int Inputs, int Outputs) PerGroup { get; init; }

    /// <summary>The shape of the input.</summary>
    public required Core.Graphs.TensorShape Input { get; init; }

    /// <summary>Where the cells lie in what is put together of the input.</summary>
    public required TransposedCells Cells { get; init; }

    /// <summary>The rows of cells of a task; the last one of an image may have fewer.</summary>
    public required int CellRows { get; init; }

    /// <summary>The tasks of the same channels of an image.</summary>
    public int Stretches => ((Cells.Rows - 1) / CellRows) + 1;

    /// <summary>The distance between two channels of a panel.</summary>
    public int ChannelStride => TransposedStretches.ChannelStride(Cells, CellRows);

    /// <summary>Where the sums start in a thread's scratch memory, behind the panel.</summary>
    public int SumsOffset => TransposedStretches.PanelLength(Cells, PerGroup.Inputs, CellRows);

    /// <summary>The floats of the sums of a phase of one channel.</summary>
    public int SumsLength => TransposedStretches.SumsLength(Cells, CellRows);

    /// <summary>True where the phases of a row are woven together before they are stored; of many, each is stored by itself.</summary>
    public bool IsWoven => Convolution.Window.Stride.Width <= FewPhases;

    /// <summary>The phases whose sums lie side by side.</summary>
    public int Phases => IsWoven ? Convolution.Window.Stride.Width : 1;

    /// <inheritdoc/>
    public override int ScratchLength => checked(SumsOffset + (Phases * ChannelTile * SumsLength) + Further);

    /// <summary>The tiles of output channels of one group.</summary>
    public int TilesPerGroup => ((PerGroup.Outputs - 1) / ChannelTile) + 1;

    /// <summary>The tiles of output channels of all groups.</summary>
    public int ChannelTiles => TilesPerGroup * Convolution.Groups;

    /// <summary>The taps of the kernel.</summary>
    public int Taps => Convolution.Window.Kernel.Height * Convolution.Window.Kernel.Width;

    /// <inheritdoc/>
    public override IEnumerable<string> Functions =>
        [
            VectorFunctions.LoadFirst,
            VectorFunctions.StoreFirst,
            .. ActivationText.NeedsFunction(Convolution.Activation) ? (string[])[VectorFunctions.NameOf(Convolution.Activation.Kind)] : [],
        ];

    /// <inheritdoc/>
    protected override string OperationName
    {
        get
        {
            var window = Convolution.Window;
            return InvariantText.Invariant(
                $"convtranspose{window.Kernel.Height}x{window.Kernel.Width}s{window.Stride.Height}_{Convolution.Activation.Word}"
            );
        }
    }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        reads.Whole(Inputs[0]);
        if (Result.Memory != OperandMemory.Arena)
            return;
        // The rows of a stretch, of all channels: those of eight lie no closer together.
        var (shape, perImage) = (Node.Shape, Stretches * ChannelTiles);
        var stretchRows = CellRows * Convolution.Window.Stride.Height;
        for (var tile = range.TileFrom; tile < range.TileTo; tile = ((tile / ChannelTiles) + 1) * ChannelTiles)
        {
            var (image, stretch) = (tile / perImage, tile / ChannelTiles % Stretches);
            var (from, to) = (stretch * stretchRows, Math.Min(shape.Height, (stretch + 1) * stretchRows));
            var start = Result.Number + (image * shape.Channels * shape.Height * shape.Width);
            for (var channel = 0; channel < shape.Channels; channel++, start += shape.Height * shape.Width)
                writes.Add(new ArenaSpan(start + (from * shape.Width), start + (to * shape.Width)));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        new WorkList()
            .Add("layer", 1)
            .AddRead(machine, (double)Input.ElementCount * sizeof(float))
            .AddWrite(machine, (double)Node.Shape.ElementCount * sizeof(float))
            .Add("linear.step", DenseMacs / (double)MachineDescription.Lanes(set))
            .Items;

    // Behind the result lies scratch memory.
    private OperandPlace Result => Operands[Operands.Count - 2];
}
