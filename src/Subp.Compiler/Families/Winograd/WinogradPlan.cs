using Subp.Compiler.Families.Pooling;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// A 3x3 convolution of stride 1 in the Winograd domain, or one of few channels and stride 2 by its phases (<see cref="IsPhased"/>).
/// Tasks: groups x output tiles of all images. A thread cuts its tiles into
/// blocks; of each block it transforms the input once, then for every chunk of its groups multiplies at all positions and transforms the
/// products back.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record WinogradPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>Cycles of a line that another core has just written: 5.9 bytes a cycle (decision 0014).</summary>
    private const double ForeignLine = 10.8;

    /// <summary>The convolution.</summary>
    public required Conv2d Convolution { get; init; }

    /// <summary>
    /// The maximum pooling of the result that is computed with it, or null. With one a tile of the tasks is a row of tiles of the
    /// convolution.
    /// </summary>
    public Pool2d? Pool { get; init; }

    /// <summary>The shape of the result of the convolution, which is pooled where there is a pooling.</summary>
    public required TensorShape Convolved { get; init; }

    /// <summary>The kept input channels per group; full for a dense weight.</summary>
    public required BlockPattern Pattern { get; init; }

    /// <summary>True where the pattern is one of pruned blocks.</summary>
    public required bool IsSparse { get; init; }

    /// <summary>The transform.</summary>
    public required WinogradTransform Transform { get; init; }

    /// <summary>
    /// True for stride 2: the input's pixels of even and odd rows and columns are four channels of an image of half the size, over which
    /// half of the taps run at stride 1. Channel 4 c + 2 i + j of <see cref="Pattern"/> is channel c at row 2 y + i and column 2 x + j.
    /// </summary>
    public bool IsPhased => Convolution.Window.Stride != Extent.One;

    /// <summary>The most tiles of a block: what is transformed, multiplied and transformed back before the next begins.</summary>
    public required int BlockTiles { get; init; }

    /// <summary>
    /// Groups whose products are kept until they are transformed back: each transformed input is read by all of them while it is in the
    /// nearest cache.
    /// </summary>
    public required int ChunkGroups { get; init; }

    /// <summary>One kernel per instruction set.</summary>
    public required IReadOnlyList<WinogradKernel> Kernels { get; init; }

    /// <summary>True where the transformed weights outgrow the second-level cache, so that kernels fetch them ahead.</summary>
    public required bool StreamsWeights { get; init; }

    /// <summary>Tiles in a column of one image.</summary>
    public int TileRows => Transform.Tiles(Convolved.Height);

    /// <summary>Tiles in a row.</summary>
    public int TileColumns => Transform.Tiles(Convolved.Width);

    /// <summary>Images in the batch.</summary>
    public int Batch => Output!.Shape.Batch;

    /// <summary>
    /// Floats from one block of 16 input channels to the next in the transformed input: [position][channels / 16][tile][16].
    /// </summary>
    public int TransformedBlockStride => BlockTiles * 16;

    /// <summary>
    /// Floats from one position to the next in the transformed input. One line more than needed: strides of a power of two share cache
    /// sets.
    /// </summary>
    public int TransformedStride => (TransformedBlocks * TransformedBlockStride) + 16;

    /// <summary>Blocks of 16 channels of the transformed input; phases of few channels are one.</summary>
    public int TransformedBlocks => IsPhased ? 1 : Inputs[0]!.ChannelBlocks;

    /// <summary>Floats from one group to the next in the products: [position][group of the chunk][tile][N].</summary>
    public int ProductGroupStride => BlockTiles * Pattern.BlockLength;

    /// <summary>Floats from one position to the next in the products.</summary>
    public int ProductStride => (ChunkGroups * ProductGroupStride) + 16;

    /// <summary>Where the products start in a thread's scratch memory, behind the transformed input.</summary>
    public int ProductsOffset => BufferPlanner.RoundUp(Transform.Positions * TransformedStride);

    /// <summary>Where a tile at the edge of the image is put together before its pixels are copied.</summary>
    public int EdgeOffset => ProductsOffset + BufferPlanner.RoundUp(Transform.Positions * ProductStride);

    /// <summary>Where the phases of an input tile are put together, [row][column][16].</summary>
    public int PhasesOffset => EdgeOffset + (Transform.OutputSize * Transform.OutputSize * 16);

    /// <summary>Columns of phases under the tiles of a block that are neighbours in a row.</summary>
    public int PhaseColumns => (Math.Min(BlockTiles, TileColumns) * Transform.OutputSize) + Transform.InputSize - Transform.OutputSize;

    /// <summary>Where the rows that are pooled are kept, [blocks of 16 channels][row][pixel][16].</summary>
    public int RowsOffset => PhasesOffset + (IsPhased ? Transform.InputSize * PhaseColumns * 16 : 0);

    /// <summary>Floats from one of these rows to the next: all pixels of its tiles, and a line, so that rows do not share sets.</summary>
    public int KeptRowPitch => (TileColumns * Transform.OutputSize * 16) + 16;

    /// <summary>Floats from one block of channels to the next in these rows.</summary>
    public int KeptPlaneStride => WinogradPool.RowsOfTilesKept * Transform.OutputSize * KeptRowPitch;

    /// <inheritdoc/>
    public override int ScratchLength => RowsOffset + (Pool is null ? 0 : Output!.ChannelBlocks * KeptPlaneStride);

    /// <summary>The window that the tiles read: by phases an even number of taps, the last of them zero where the kernel is odd.</summary>
    public Window ReadWindow =>
        IsPhased ? Convolution.Window with { Kernel = new Extent(2 * Transform.KernelSize, 2 * Transform.KernelSize) } : Convolution.Window;

    /// <summary>The kernel of an instruction set.</summary>
    public WinogradKernel Kernel(InstructionSet set) => Kernels.First(kernel => kernel.Set == set);

    /// <summary>
    /// The sizes of the blocks into which a thread cuts its tiles: as few as possible, of at most two sizes, the smaller first.
    /// </summary>
    public IReadOnlyList<int> BlockSizes(int tiles)
    {
        if (tiles == 0)
            return [];
        var blocks = (tiles + BlockTiles - 1) / BlockTiles;
        return tiles % blocks == 0 ? [tiles / blocks] : [tiles / blocks, (tiles / blocks) + 1];
    }

    /// <inheritdoc/>
    public override double Cost(WorkRange range)
    {
        if (range.Tasks == 0)
            return 0;
        var tiles = range.TileTo - range.TileFrom;
        if (Pool is not null)
            tiles = (tiles + (range.TileFrom % TileRows == 0 ? 0 : 1)) * TileColumns;
        double kept = 0;
        for (var group = range.GroupFrom; group < range.GroupTo; group++)
            kept += GroupCosts[group];

        // A cut along groups transforms the input once for each thread, and a cut along tiles reads all weights once for each. Measured at
        // 256 channels, 14x14: with half of the tiles each, two threads are 1.35 times as fast as one, with half of the channels each 1.8
        // times.
        var work = WinogradWork.Of(this, Kernels[0].Set) with
        {
            Tiles = tiles,
            Groups = range.GroupTo - range.GroupFrom,
            KeptBlocks = kept,
        };
        // A thread that computes some of the groups reads the whole input, of which the others have written their share.
        var input =
            (double)Inputs[0]!.Shape.ElementCount * sizeof(float) / WorkList.LineBytes * tiles / (Convolved.Batch * TileRows * TileColumns);
        var foreign = input * (TaskGroups - range.GroupTo + range.GroupFrom) / TaskGroups;
        return CostModel.Cycles(work.Items(Frame.Machine), Frame.Machine) + (foreign * ForeignLine);
    }

    /// <inheritdoc/>
    public override BlockPattern KeptBlocks => Pattern;

    /// <inheritdoc/>
    public override ValueMixing? Mixing =>
        new ValueMixing(ReadWindow, Pattern, Transform.OutputSize) { Pooled = Pool is null ? null : (Pool.Window, Convolved) };

    /// <inheritdoc/>
    public override int? ActivationLanes(InstructionSet set) => null;

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) =>
        Pool is null
            ? WinogradWork.Of(this, set).Items(machine)
            :
            [
                .. WinogradWork.Of(this, set).Items(machine),
                .. PoolPlan.Work(Pool.Window, (double)Output!.Shape.ElementCount / MachineDescription.Lanes(set), new WorkList()).Items,
            ];

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var (output, size, channels) = (Output!, Transform.OutputSize, Pattern.BlockLength);
        var (blockFrom, blockTo) = (
            range.GroupFrom * channels / 16,
            Math.Min(output.ChannelBlocks, ((range.GroupTo * channels) + 15) / 16)
        );
        if (Pool is not null)
        {
            AddPooledFootprint(range, blockFrom, blockTo, reads, writes);
            return;
        }

        // Tiles that begin or end within a row of tiles count as the whole row.
        var rowsOfTiles = range with
        {
            TileFrom = range.TileFrom / TileColumns,
            TileTo = (range.TileTo + TileColumns - 1) / TileColumns,
        };
        foreach (var (image, from, to) in RowsOf(rowsOfTiles, TileRows, size, output.Height))
        {
            // The last tiles read as if they lay inside the image.
            var last = (to + size - 1) / size * size;
            reads.Window(Inputs[0]!, image, 0, PlanesOf(Inputs[0]!), ReadWindow, from, last);
            foreach (var residual in Inputs.Skip(1))
                reads.Rows(residual!, image, blockFrom, blockTo, from, to);
            writes.OutputRows(output, image, blockFrom, blockTo, from, to);
        }
    }

    // The row of tiles before the first is computed again where it belongs to the same image.
    private void AddPooledFootprint(WorkRange range, int blockFrom, int blockTo, SpanList reads, SpanList writes)
    {
        var size = Transform.OutputSize;
        foreach (var (image, from, to) in RowsOf(range, TileRows, 1, TileRows))
        {
            reads.Window(Inputs[0]!, image, 0, PlanesOf(Inputs[0]!), ReadWindow, Math.Max(0, from - 1) * size, to * size);
            writes.OutputRows(Output!, image, blockFrom, blockTo, from * size / 2, Math.Min(Output!.Height, to * size / 2));
        }
    }

    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet)
    {
        var kernel = Kernel(instructionSet);
        var window = Convolution.Window;
        return FormattableString.Invariant($"f32_{(IsSparse ? "spconv" : "conv")}{window.Kernel.Height}x{window.Kernel.Width}s")
            + FormattableString.Invariant($"{window.Stride.Height}wino{Transform.Name}_n{Pattern.BlockLength}_t")
            + FormattableString.Invariant($"{Math.Min(BlockTiles, kernel.MaximumTiles)}x{kernel.Vectors}_{Convolution.Activation.Word}_")
            + (Pool is null ? "" : "maxpool3x3s2_")
            + FormattableString.Invariant($"{instructionSet.ToString().ToLowerInvariant()}");
    }
}
