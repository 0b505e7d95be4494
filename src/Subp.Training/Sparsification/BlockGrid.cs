namespace Subp.Training.Sparsification;

/// <summary>
/// How a convolution weight of shape (Cout, Cin, Kh, Kw) is cut into 1xN blocks. Block (g, c) is
/// <c>W[gN..(g+1)N, c, :, :]</c>: N consecutive output channels, one input channel, the full kernel. A linear weight is the
/// case Kh = Kw = 1.
/// </summary>
public sealed record BlockGrid
{
    /// <summary>Describes the blocks of one weight.</summary>
    /// <param name="outputChannels">Cout, a multiple of <paramref name="blockLength"/>.</param>
    /// <param name="inputChannels">Cin.</param>
    /// <param name="kernelSize">Kh x Kw.</param>
    /// <param name="blockLength">N.</param>
    /// <exception cref="ArgumentException">A size is not positive, or Cout is not a multiple of N.</exception>
    public BlockGrid(int outputChannels, int inputChannels, int kernelSize, int blockLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputChannels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputChannels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kernelSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockLength);
        if (outputChannels % blockLength != 0)
            throw new ArgumentException($"{outputChannels} output channels are not a multiple of the block length {blockLength}.");

        OutputChannels = outputChannels;
        InputChannels = inputChannels;
        KernelSize = kernelSize;
        BlockLength = blockLength;
    }

    /// <summary>Cout.</summary>
    public int OutputChannels { get; }

    /// <summary>Cin.</summary>
    public int InputChannels { get; }

    /// <summary>Kh x Kw.</summary>
    public int KernelSize { get; }

    /// <summary>N, the number of consecutive output channels in a block.</summary>
    public int BlockLength { get; }

    /// <summary>G = Cout / N.</summary>
    public int Groups => OutputChannels / BlockLength;

    /// <summary>D = N x Kh x Kw, the number of weights in a block.</summary>
    public int BlockValues => BlockLength * KernelSize;

    /// <summary>The number of weights of the layer.</summary>
    public int WeightCount => OutputChannels * InputChannels * KernelSize;

    /// <summary>Where the first weight of row <paramref name="row"/> of a block lies; Kh x Kw weights follow it.</summary>
    public int RowOffset(int group, int channel, int row) => (((group * BlockLength) + row) * InputChannels + channel) * KernelSize;

    /// <summary>Throws when a span does not have one element per weight.</summary>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    internal void RequireWeights(int length, string parameter)
    {
        if (length != WeightCount)
            throw new ArgumentException($"Expected {WeightCount} weights, found {length}.", parameter);
    }
}
