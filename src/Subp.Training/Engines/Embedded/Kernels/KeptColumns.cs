namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// The input channels of which a mask has left weights, for every block of 16 output channels: what the input gradient of a masked
/// convolution has to compute. The kept channels of a block lie side by side in strips of up to 32 lanes, so that the product is a
/// dense one of fewer channels, [output block][strip][tap][output lane][kept channel of the strip].
/// </summary>
internal sealed class KeptColumns
{
    // A product of a channel costs its taps, and adding it to its place about as much as one tap and a half.
    private const double ScatterTaps = 1.5;
    private const double WorthWhile = 0.85;

    private KeptColumns(KeptStrip[][] strips, int[] positions) => (Strips, Positions) = (strips, positions);

    /// <summary>The strips of every output block.</summary>
    public KeptStrip[][] Strips { get; }

    /// <summary>Where each weight lies; -1 for those that are left out and for taps that no input pixel reads.</summary>
    public int[] Positions { get; }

    /// <summary>The kept columns of a mask; null where leaving out the others would not pay.</summary>
    /// <param name="layout">Where dense weights of the input gradient lie; its strips must read the whole source.</param>
    /// <param name="mask">One factor per weight [output][input][tap], 0 where it is pruned.</param>
    /// <param name="outputChannels">The output channels of the convolution.</param>
    /// <param name="taps">The taps of the convolution.</param>
    public static KeptColumns? Of(ProductLayout layout, float[] mask, int outputChannels, int taps)
    {
        if (!layout.WholeSource || layout.Taps == 0)
            return null;
        int inputs = mask.Length / taps / outputChannels;
        int blocks = (outputChannels + MicroKernel.Lanes - 1) / MicroKernel.Lanes;
        var strips = new KeptStrip[blocks][];
        var positions = new int[mask.Length];
        Array.Fill(positions, -1);
        int offset = 0;
        for (int block = 0; block < blocks; block++)
        {
            int first = block * MicroKernel.Lanes;
            int end = Math.Min(first + MicroKernel.Lanes, outputChannels);
            int[] kept = [.. Enumerable.Range(0, inputs).Where(input => HasWeight(mask, first, end, input, inputs, taps))];
            strips[block] =
            [
                .. kept.Chunk(2 * MicroKernel.Lanes)
                    .Select(channels => new KeptStrip(channels, (channels.Length + MicroKernel.Lanes - 1) / MicroKernel.Lanes)),
            ];
            foreach (var strip in strips[block])
            {
                Place(strip, offset, layout, positions, first, end, inputs, taps);
                offset += layout.Taps * MicroKernel.Lanes * strip.Width;
            }
        }

        double share = offset / (double)layout.Length;
        return share * (1 + (ScatterTaps / layout.Taps)) < WorthWhile ? new KeptColumns(strips, positions) : null;
    }

    private static bool HasWeight(float[] mask, int first, int end, int input, int inputs, int taps)
    {
        for (int output = first; output < end; output++)
        {
            if (mask.AsSpan(((output * inputs) + input) * taps, taps).ContainsAnyExcept(0f))
                return true;
        }

        return false;
    }

    private static void Place(KeptStrip strip, int offset, ProductLayout layout, int[] positions, int first, int end, int inputs, int taps)
    {
        for (int order = 0; order < layout.Taps; order++)
        {
            for (int output = first; output < end; output++)
            {
                int row = offset + (((order * MicroKernel.Lanes) + (output - first)) * strip.Width);
                for (int lane = 0; lane < strip.Channels.Length; lane++)
                    positions[(((output * inputs) + strip.Channels[lane]) * taps) + layout.TapOrder[order]] = row + lane;
            }
        }
    }
}

/// <summary>Up to 32 kept channels that are computed together.</summary>
/// <param name="Channels">The channels.</param>
/// <param name="Vectors">The number of blocks of 16 lanes, 1 or 2.</param>
internal sealed record KeptStrip(int[] Channels, int Vectors)
{
    /// <summary>The lanes of the strip, padding included.</summary>
    public int Width => Vectors * MicroKernel.Lanes;
}
