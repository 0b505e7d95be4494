namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// Where the weights of a convolution lie for <see cref="GatherProduct"/>: [strip of up to 32 target channels][class][tap]
/// [source block][source lane][target channel of the strip]. With channel groups a strip covers only the source blocks that
/// its groups read; weights between channels of different groups inside those blocks are zeros.
/// </summary>
internal sealed class ProductLayout
{
    /// <summary>Lays out weights for a plan.</summary>
    /// <param name="plan">The taps and their order.</param>
    /// <param name="sourceChannels">The channels of the source.</param>
    /// <param name="targetChannels">The channels of the target.</param>
    /// <param name="groups">The channel groups.</param>
    /// <param name="rowAlignment">Source lanes are rounded up to a multiple of this: 1 for products, 8 for weight gradients.</param>
    public ProductLayout(GatherPlan plan, int sourceChannels, int targetChannels, int groups, int rowAlignment)
    {
        Lanes = Math.Min(MicroKernel.Lanes, sourceChannels);
        Rows = (Lanes + rowAlignment - 1) / rowAlignment * rowAlignment;
        Taps = plan.Classes.Sum(c => c.Taps.Length);
        TapOrder = [.. plan.Classes.SelectMany(c => c.Taps)];
        int targetBlocks = (targetChannels + MicroKernel.Lanes - 1) / MicroKernel.Lanes;
        var strips = new List<ProductStrip>();
        long offset = 0;
        for (int block = 0; block < targetBlocks; block += 2)
        {
            int vectors = Math.Min(2, targetBlocks - block);
            int lastChannel = Math.Min(targetChannels, (block + vectors) * MicroKernel.Lanes) - 1;
            int perGroup = targetChannels / groups;
            int firstGroup = block * MicroKernel.Lanes / perGroup;
            int lastGroup = lastChannel / perGroup;
            int firstBlock = firstGroup * (sourceChannels / groups) / MicroKernel.Lanes;
            int endBlock = ((((lastGroup + 1) * (sourceChannels / groups)) - 1) / MicroKernel.Lanes) + 1;
            var strip = new ProductStrip(block, vectors, firstBlock, endBlock - firstBlock, offset);
            strips.Add(strip);
            offset += (long)Taps * strip.SourceBlocks * Rows * strip.Width;
        }

        Strips = [.. strips];
        TargetBlocks = targetBlocks;
        Length = offset;
        WholeSource = groups == 1;
    }

    /// <summary>How many lanes of each source block hold channels: 16, or all channels where there are fewer.</summary>
    public int Lanes { get; }

    /// <summary>The rows stored for each source block.</summary>
    public int Rows { get; }

    /// <summary>The number of taps.</summary>
    public int Taps { get; }

    /// <summary>The taps in stored order.</summary>
    public int[] TapOrder { get; }

    /// <summary>The strips of target channels.</summary>
    public ProductStrip[] Strips { get; }

    /// <summary>The blocks of target channels.</summary>
    public int TargetBlocks { get; }

    /// <summary>The number of stored floats.</summary>
    public long Length { get; }

    /// <summary>True where all strips read the whole source, so that gathered pixels serve all of them.</summary>
    public bool WholeSource { get; }

    /// <summary>The position of a weight; -1 where no target pixel reads through its tap.</summary>
    public int Position(int tap, int sourceChannel, int targetChannel)
    {
        int order = Array.IndexOf(TapOrder, tap);
        if (order < 0)
            return -1;
        var strip = Strips[targetChannel / (2 * MicroKernel.Lanes)];
        int block = (order * strip.SourceBlocks) + (sourceChannel / MicroKernel.Lanes) - strip.FirstSourceBlock;
        int row = (block * Rows) + (sourceChannel % MicroKernel.Lanes);
        return checked((int)(strip.Offset + ((long)row * strip.Width) + (targetChannel % (2 * MicroKernel.Lanes))));
    }
}

/// <summary>One or two blocks of target channels that are computed together.</summary>
/// <param name="FirstTargetBlock">The first block of 16 target channels.</param>
/// <param name="Vectors">1 or 2 blocks.</param>
/// <param name="FirstSourceBlock">The first source block that is read.</param>
/// <param name="SourceBlocks">The number of source blocks that are read.</param>
/// <param name="Offset">Where the weights of the strip begin.</param>
internal readonly record struct ProductStrip(int FirstTargetBlock, int Vectors, int FirstSourceBlock, int SourceBlocks, long Offset)
{
    /// <summary>The target channels of the strip, padding included.</summary>
    public int Width => Vectors * MicroKernel.Lanes;
}
