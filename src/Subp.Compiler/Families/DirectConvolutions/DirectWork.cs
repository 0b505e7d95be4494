using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// What the direct kernels of a convolution do: tiles of sums, the loads between them, and lines that come from further away.
/// </summary>
/// <param name="Pattern">The kept input channels per group.</param>
/// <param name="Window">Kernel, stride and dilation.</param>
/// <param name="Input">The shape of the input.</param>
/// <param name="Output">The shape of the output.</param>
/// <param name="IsBlocked">True where the input has sixteen channels in a cache line; false where it is planar.</param>
/// <param name="Kernel">The kernel of the instruction set.</param>
/// <param name="Form">The form of unrolling.</param>
/// <param name="BandRows">Rows of a task.</param>
/// <param name="GroupOutside">True where groups are the outer loop.</param>
/// <param name="HasResidual">True where a second input is added.</param>
/// <param name="Activation">The activation.</param>
internal sealed record DirectWork(
    BlockPattern Pattern,
    Window Window,
    TensorShape Input,
    TensorShape Output,
    bool IsBlocked,
    ConvolutionKernel Kernel,
    ConvolutionForm Form,
    int BandRows,
    bool GroupOutside,
    bool HasResidual,
    Activation Activation
)
{
    private int Height => Output.IsImage ? Output.Height : 1;

    private int Width => Output.IsImage ? Output.Width : 1;

    /// <summary>Columns of the input that are read: a stride beyond the kernel leaves some out.</summary>
    private int InputWidth => Touched(Width, Window.Stride.Width, Window.Kernel.Width, Window.Dilation.Width);

    private int Taps => Window.Kernel.Height * Window.Kernel.Width;

    private double Kept => (double)Pattern.KeptBlocks / Pattern.Groups;

    private double GroupWeightBytes => Kept * Taps * Pattern.BlockLength * sizeof(float);

    private int TileRows => Kernel.Tile.Rows == BandRows ? BandRows : 1;

    private double Bands => (double)Output.Batch * ((Height + BandRows - 1) / BandRows);

    private double Tiles => (double)Output.Batch * ((Height + TileRows - 1) / TileRows) * Kernel.Tile.ColumnTiles(Width);

    /// <summary>The work of a plan.</summary>
    public static DirectWork Of(ConvolutionPlan plan, InstructionSet set)
    {
        var kernel = plan.Kernel(set);
        var isFlat = plan.IsFlat(kernel);
        var order = LoopOrder.Of(plan, kernel);
        return new DirectWork(
            plan.Pattern,
            plan.Convolution.Window,
            isFlat ? Flat(plan.Inputs[0]!.Shape) : plan.Inputs[0]!.Shape,
            isFlat ? Flat(plan.Output!.Shape) : plan.Output!.Shape,
            plan.Inputs[0]!.Layout == Layout.Blocked16,
            kernel with
            {
                Tile = plan.TileOf(kernel),
            },
            plan.Form,
            isFlat ? 1 : plan.BandRows,
            order.GroupOutside,
            plan.Inputs.Count > 1,
            plan.Activation
        )
        {
            ChunkGroups = order.ChunkGroups,
        };
    }

    // A map as one row.
    private static TensorShape Flat(TensorShape shape) => new(shape.Batch, shape.Channels, 1, shape.Height * shape.Width);

    /// <summary>Groups that a tile is used for before the next tile, where groups are not the outer loop: all, unless it is said.</summary>
    public int ChunkGroups { get; init; } = Pattern.Groups;

    private int Chunks => (Pattern.Groups + ChunkGroups - 1) / ChunkGroups;

    /// <summary>The work.</summary>
    public IReadOnlyList<WorkItem> Items(MachineDescription machine)
    {
        var work = new WorkList().Add("layer", 1);
        AddTiles(work, machine.VectorScale(Kernel.Set));
        AddInput(work, machine);
        AddWeights(work, machine);
        return work.AddActivation(Activation, (double)Output.ElementCount / Kernel.Unit.Lanes).Items;
    }

    private void AddTiles(WorkList work, double scale)
    {
        var rest = Height % TileRows;
        AddTiles(work, TileRows, Height / TileRows, scale);
        if (rest > 0)
            AddTiles(work, rest, 1, scale);
    }

    private void AddTiles(WorkList work, int rows, int rowTiles, double scale)
    {
        var tile = Kernel.Tile with { Rows = rows };
        var calls = (double)Output.Batch * Pattern.Groups * Kernel.Parts * rowTiles * tile.ColumnTiles(Width);
        var kind = Form switch
        {
            ConvolutionForm.Table when Taps > 1 => "direct.table",
            ConvolutionForm.StraightLine => "direct.straight",
            _ => Taps > 1 ? "direct.taps" : "direct.point",
        };
        work.Add(kind, calls * Kept * tile.CoreCycles(Kernel.Unit, Window) * scale);
        work.Add("direct.load", calls * Kept * tile.Loads(Window));
        work.Add("direct.tile", calls);
        work.Add("direct.store", calls * tile.Vectors * tile.Pixels * (HasResidual ? 2 : 1));
    }

    // Every group reads the pixels of a tile again: at once where pixels are the outer loop, after the whole image where groups are.
    private void AddInput(WorkList work, MachineDescription machine)
    {
        var channels = Input.Channels;
        var pixelLines = IsBlocked ? 1 : 1 / 16.0;
        var planes = IsBlocked ? Math.Min((channels + 15) / 16, Kept) : Kept;
        double rows = Touched(TileRows, Window.Stride.Height, Window.Kernel.Height, Window.Dilation.Height);
        double columns = Touched(Kernel.Tile.Columns, Window.Stride.Width, Window.Kernel.Width, Window.Dilation.Width);
        var wholeBytes =
            (double)Output.Batch
            * Touched(Height, Window.Stride.Height, Window.Kernel.Height, Window.Dilation.Height)
            * InputWidth
            * channels
            * sizeof(float);
        var again = (GroupOutside ? wholeBytes : rows * columns * channels * sizeof(float)) + GroupWeightBytes;
        // Tiles of one group share the rows and columns between them, while these are near; tiles of a band share its rows.
        var lines = GroupOutside
            ? Bands
                * Touched(BandRows, Window.Stride.Height, Window.Kernel.Height, Window.Dilation.Height)
                * InputWidth
                * pixelLines
                * planes
            : Tiles * rows * columns * pixelLines * planes;
        work.AddRead(machine, wholeBytes);
        if (!GroupOutside)
            work.AddLines("direct", machine.LevelOf(wholeBytes), (Chunks - 1) * wholeBytes / WorkList.LineBytes);
        work.AddLines("direct", machine.LevelOf(again), (Pattern.Groups - 1) * lines);
        var outputBytes = (double)Output.ElementCount * sizeof(float);
        work.AddWrite(machine, outputBytes);
        if (HasResidual)
            work.AddRead(machine, outputBytes);
    }

    // Input rows or columns that some output rows or columns read.
    private static int Touched(int outputs, int stride, int kernel, int dilation) =>
        Math.Min(((outputs - 1) * stride) + ((kernel - 1) * dilation) + 1, outputs * kernel);

    // Cold once, from wherever the network's weights lie; then as often as the loops come back to them.
    private void AddWeights(WorkList work, MachineDescription machine)
    {
        var lines = GroupWeightBytes * Pattern.Groups / WorkList.LineBytes;
        work.Add(machine.FirstUse(lines * WorkList.LineBytes, lines * WorkList.LineBytes), lines);
        if (GroupOutside)
            work.AddLines("weight", machine.LevelOf(GroupWeightBytes), lines * (Tiles - 1));
        else
            work.AddLines("weight", machine.LevelOf(GroupWeightBytes * ChunkGroups), lines * (Tiles - 1));
    }
}
