namespace Subp.Testing;

/// <summary>What <see cref="RandomGraph"/> may draw.</summary>
public sealed record RandomGraphOptions
{
    /// <summary>The block lengths of sparse layers; empty for dense layers only.</summary>
    public IReadOnlyList<int> BlockLengths { get; init; } = [4, 8, 16, 32];

    /// <summary>The largest height and width of the input.</summary>
    public int LargestExtent { get; init; } = 19;

    /// <summary>The largest number of stages between stem and head.</summary>
    public int LargestDepth { get; init; } = 5;

    /// <summary>
    /// The number of dimensions of the input; null for an image and the stages of published networks. Values of 4 and 2 dimensions are seen
    /// under others of these on the way; 0, 1, 3 and 5 give networks that training refuses.
    /// </summary>
    public int? Rank { get; init; }

    /// <summary>Whether networks of a given rank have operators that only dense kernels compute.</summary>
    public bool DrawsGeneralOperators { get; init; }

    /// <summary>The batch size.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Whether batch normalisations that are not folded may occur.</summary>
    public bool WithBatchNorm { get; init; } = true;

    /// <summary>Whether convolutions of several channel groups, depthwise ones included, may occur.</summary>
    public bool WithGroups { get; init; } = true;
}
