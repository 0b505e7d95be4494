using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Compiler.Planning.Values;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// A transposed convolution over dense images. A task is one row of eight output channels of an image: pixels of the row that are a stride
/// apart read neighbouring input pixels under the same taps.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record TransposedConvolutionPlan(LayerFrame Frame) : FamilyPlan(Frame)
{
    /// <summary>Output channels that are summed side by side; weights are padded to it.</summary>
    public const int ChannelTile = 8;

    /// <summary>The convolution.</summary>
    public ConvTranspose2d Convolution => (ConvTranspose2d)Node.Operator;

    /// <summary>Input and output channels of one group.</summary>
    public required (int Inputs, int Outputs) PerGroup { get; init; }

    /// <summary>The shape of the input.</summary>
    public required Core.Graphs.TensorShape Input { get; init; }

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
            VectorFunctions.LanesWithin,
            VectorFunctions.LoadLanes,
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
        if (Target.Memory != OperandMemory.Arena)
            return;
        // Rows of other channels lie between those of one task and the next; whole channels are counted.
        var shape = Node.Shape;
        var plane = shape.Height * shape.Width;
        for (var tile = range.TileFrom / shape.Height; tile * shape.Height < range.TileTo; tile++)
        {
            var (image, first) = (tile / ChannelTiles, FirstChannel(tile % ChannelTiles));
            var start = Target.Number + (((image * shape.Channels) + first) * plane);
            writes.Add(new ArenaSpan(start, start + (Channels(tile % ChannelTiles) * plane)));
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

    /// <summary>The first output channel of a tile of channels.</summary>
    public int FirstChannel(int tile) => (tile / TilesPerGroup * PerGroup.Outputs) + (tile % TilesPerGroup * ChannelTile);

    private int Channels(int tile) => Math.Min(ChannelTile, PerGroup.Outputs - (tile % TilesPerGroup * ChannelTile));
}
