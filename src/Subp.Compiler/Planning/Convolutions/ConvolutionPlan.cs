using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning.Convolutions;

/// <summary>
/// A convolution in blocked layout. Output channels come in groups of N; each group reads the input channels of its pattern. Dense and
/// grouped convolutions are the same: the full pattern with N = 32 or 16, or the channels of the groups that 16 output channels touch.
/// Tasks: groups x bands of <see cref="BandRows"/> output rows of all images.
/// </summary>
/// <param name="Frame">What every step has.</param>
public sealed record ConvolutionPlan(LayerFrame Frame) : LayerPlan(Frame)
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
    internal bool IsLoopHinted { get; init; }

    /// <summary>True where the weights are so many that they are fetched ahead.</summary>
    public required bool StreamsWeights { get; init; }

    /// <summary>Where the weights lie: [group][kept block][tap][N], in the file or in the constants.</summary>
    public required WeightSource Weights { get; init; }

    /// <summary>The offset of the bias in the constants, [groups * N].</summary>
    public required int BiasOffset { get; init; }

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
    internal ConvolutionTile TileOf(ConvolutionKernel kernel) =>
        IsFlat(kernel) ? kernel.Tile with { Rows = 1, Columns = kernel.FlatPixels } : kernel.Tile;

    /// <summary>
    /// True where tiles of a kernel run over the ends of rows: the rows of the input follow each other without a gap. An output that lies
    /// where the residual does excludes it, since the last tile of a thread computes some pixels twice; so do functions that pass once
    /// more through what a tile has stored.
    /// </summary>
    internal bool IsFlat(ConvolutionKernel kernel) =>
        kernel.FlatPixels > 0
        && Output!.Shape.IsImage
        && Inputs[0]! is var input
        && input.RowPitch == input.Width * input.PixelStride
        && !IsInPlace
        && Activation.IsClamp;

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

/// <summary>Where a kernel reads weights: as they lie in the weights file, or in the constants prepared at load.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="FileOffset">Byte offset in the weights file, or null.</param>
/// <param name="ConstantsOffset">Float offset in the constants, or null.</param>
public sealed record WeightSource(string Parameter, int? FileOffset, int? ConstantsOffset);
