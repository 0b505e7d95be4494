using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// A convolution in blocked layout. Output channels come in groups of N; each group reads the input channels of its pattern. Dense and
/// grouped convolutions are the same: the full pattern with N = 32 or 16, or the channels of the groups that 16 output channels touch.
/// Tasks: groups x bands of <see cref="BandRows"/> output rows of all images.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record ConvolutionPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>The convolution.</summary>
    public required Conv2d Convolution { get; init; }

    /// <summary>The kept input channels per group of N output channels.</summary>
    public required BlockPattern Pattern { get; init; }

    /// <summary>True where the pattern is one of pruned blocks; false for dense and grouped convolutions.</summary>
    public required bool IsSparse { get; init; }

    /// <summary>How blocks and taps become code.</summary>
    public required ConvolutionForm Form { get; init; }

    /// <summary>Why the form is not the one asked for; null where it is.</summary>
    public string? FormReason { get; init; }

    /// <summary>Output rows of one task; the last band of an image may have fewer.</summary>
    public required int BandRows { get; init; }

    /// <summary>One kernel per instruction set.</summary>
    public required IReadOnlyList<ConvolutionKernel> Kernels { get; init; }

    /// <summary>True where each group walks all bands before the next group starts: better where weights outweigh the input.</summary>
    public required bool GroupOutside { get; init; }

    /// <summary>True where a hint asks for <see cref="GroupOutside"/> or against it.</summary>
    public bool IsLoopHinted { get; init; }

    /// <summary>Kept blocks that are summed at a time where sums are to round little, or null for one sum of all.</summary>
    public int? StretchBlocks { get; init; }

    /// <summary>True where the weights are so many that they are fetched ahead.</summary>
    public required bool StreamsWeights { get; init; }

    /// <inheritdoc/>
    public override BlockPattern KeptBlocks => Pattern;

    /// <inheritdoc/>
    public override bool WeightsOutweighInput => WeightFloats > Inputs[0]!.Shape.ElementCount;

    /// <inheritdoc/>
    /// <remarks>
    /// Grouped convolutions whose groups do not fill whole blocks of output channels multiply the channels of their neighbours with zeros.
    /// </remarks>
    public override ValueMixing? Mixing =>
        Convolution.Groups > 1 && Output!.Shape.Channels / Convolution.Groups % Pattern.BlockLength != 0
            ? new ValueMixing(Convolution.Window, Pattern, Tile: 1)
            : null;

    /// <summary>Images in the batch.</summary>
    public int Batch => Output!.Shape.Batch;

    /// <summary>The kept weights.</summary>
    public long WeightFloats =>
        (long)Pattern.KeptBlocks * Pattern.BlockLength * Convolution.Window.Kernel.Height * Convolution.Window.Kernel.Width;

    /// <summary>Bands of one image.</summary>
    public int BandsPerImage => (Output!.Height + BandRows - 1) / BandRows;

    /// <inheritdoc/>
    public override Activation Activation => Convolution.Activation;

    /// <inheritdoc/>
    public override double TileCost(int tile) => Math.Min(BandRows, Output!.Height - (tile % BandsPerImage * BandRows)) / (double)BandRows;

    /// <summary>The kernel of an instruction set.</summary>
    public ConvolutionKernel Kernel(InstructionSet set) => Kernels.First(kernel => kernel.Set == set);

    /// <summary>The register tile that a kernel runs with: flat where the buffers allow that, else its own.</summary>
    public ConvolutionTile TileOf(ConvolutionKernel kernel) =>
        IsFlat(kernel) ? kernel.Tile with { Rows = 1, Columns = kernel.FlatPixels } : kernel.Tile;

    /// <summary>
    /// True where tiles of a kernel run over the ends of rows: the rows of the input follow each other without a gap. An output that lies
    /// where the residual does excludes it, since the last tile of a thread computes some pixels twice; so do functions that pass once
    /// more through what a tile has stored.
    /// </summary>
    public bool IsFlat(ConvolutionKernel kernel) =>
        kernel.FlatPixels > 0
        && Output!.Shape.IsImage
        && Inputs[0]! is var input
        && input.RowPitch == input.Width * input.PixelStride
        && !IsInPlace
        && Activation.IsClamp;

    /// <inheritdoc/>
    public override int? ActivationLanes(InstructionSet set) => Kernel(set).Unit.Lanes;

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine) => DirectWork.Of(this, set).Items(machine);

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var (input, output) = (Inputs[0]!, Output!);
        var planes = ReadPlanes(range);
        var length = Pattern.BlockLength;
        var (blockFrom, blockTo) = (range.GroupFrom * length / 16, Math.Min(output.ChannelBlocks, ((range.GroupTo * length) + 15) / 16));
        foreach (var (image, from, to) in RowsOf(range, BandsPerImage, BandRows, output.Height))
        {
            foreach (var (planeFrom, planeTo) in planes)
                reads.Window(input, image, planeFrom, planeTo, Convolution.Window, from, to);
            foreach (var residual in Inputs.Skip(1))
                reads.Rows(residual!, image, blockFrom, blockTo, from, to);
            writes.OutputRows(output, image, blockFrom, blockTo, from, to);
        }
    }

    /// <summary>The planes of the input channels that the groups of a range keep, as runs.</summary>
    private List<(int From, int To)> ReadPlanes(WorkRange range)
    {
        var input = Inputs[0]!;
        var used = new bool[PlanesOf(input)];
        for (var group = range.GroupFrom; group < range.GroupTo; group++)
        {
            foreach (var channel in Pattern.Kept(group))
                used[input.Layout == Layout.Blocked16 || !input.Shape.IsImage ? channel / 16 : channel] = true;
        }

        var runs = new List<(int From, int To)>();
        for (var plane = 0; plane < used.Length; plane++)
        {
            if (used[plane] && plane > 0 && used[plane - 1])
                runs[runs.Count - 1] = (runs[runs.Count - 1].From, plane + 1);
            else if (used[plane])
                runs.Add((plane, plane + 1));
        }

        return runs;
    }

    /// <inheritdoc/>
    public override string KernelName(InstructionSet instructionSet)
    {
        var tile = TileOf(Kernel(instructionSet));
        var window = Convolution.Window;
        var form = Form switch
        {
            ConvolutionForm.StraightLine => "line",
            ConvolutionForm.TapUnrolled => "taps",
            ConvolutionForm.Table => "table",
            _ => "",
        };
        var type =
            IsSparse ? "spconv"
            : Convolution.Groups > 1 ? "groupconv"
            : "conv";
        var stride = Math.Max(window.Stride.Height, window.Stride.Width);
        return InvariantText.Invariant(
            $"f32_{type}{window.Kernel.Height}x{window.Kernel.Width}s{stride}{form}_n{Pattern.BlockLength}_t{tile.Pixels}x"
                + $"{tile.Vectors}_{Convolution.Activation.Word}_{instructionSet.ToString().ToLowerInvariant()}"
        );
    }
}
