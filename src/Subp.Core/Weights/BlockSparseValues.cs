using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;

namespace Subp.Core.Weights;

/// <summary>
/// The stored values of a block-sparse weight, Block Sparse Row with kernel-sized blocks: [group][kept block][tap][N], where N runs over
/// the output channels of the group. A kernel loads one vector of N weights per tap and never looks at a pruned block.
/// </summary>
public static class BlockSparseValues
{
    /// <summary>The kept values of a dense weight.</summary>
    /// <typeparam name="T">The type of an element: float or signed byte.</typeparam>
    /// <param name="parameter">The declaration, with a pattern.</param>
    /// <param name="dense">[out, in, kernel height, kernel width] or [out, in].</param>
    /// <exception cref="SubpException">SUBP0306: a pruned value is not zero.</exception>
    public static T[] Pack<T>(Parameter parameter, ReadOnlySpan<T> dense)
        where T : unmanaged, IEquatable<T>
    {
        var (pattern, taps) = Require(parameter, dense.Length, parameter.Shape.ElementCount);
        var values = new T[pattern.KeptBlocks * taps * pattern.BlockLength];
        var kept = new bool[pattern.InputChannels];
        var target = 0;
        for (var group = 0; group < pattern.Groups; group++)
        {
            Array.Clear(kept);
            foreach (var channel in pattern.Kept(group))
            {
                kept[channel] = true;
                for (var tap = 0; tap < taps; tap++)
                {
                    for (var lane = 0; lane < pattern.BlockLength; lane++)
                        values[target++] = dense[Index(pattern, taps, group, lane, channel, tap)];
                }
            }

            RequireZeros(parameter, pattern, taps, group, kept, dense);
        }

        return values;
    }

    /// <summary>The dense weight of stored values, zero where pruned.</summary>
    /// <typeparam name="T">The type of an element: float or signed byte.</typeparam>
    /// <param name="parameter">The declaration, with a pattern.</param>
    /// <param name="values">[group][kept block][tap][N].</param>
    public static T[] Unpack<T>(Parameter parameter, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var taps = Taps(parameter);
        var expected = parameter.Pattern is { } known ? known.KeptBlocks * taps * known.BlockLength : 0;
        var (pattern, _) = Require(parameter, values.Length, expected);
        var dense = new T[parameter.Shape.ElementCount];
        var source = 0;
        for (var group = 0; group < pattern.Groups; group++)
        {
            foreach (var channel in pattern.Kept(group))
            {
                for (var tap = 0; tap < taps; tap++)
                {
                    for (var lane = 0; lane < pattern.BlockLength; lane++)
                        dense[Index(pattern, taps, group, lane, channel, tap)] = values[source++];
                }
            }
        }

        return dense;
    }

    /// <summary>Requires a dense weight to be zero wherever its pattern prunes.</summary>
    /// <typeparam name="T">The type of an element: float or signed byte.</typeparam>
    /// <exception cref="SubpException">SUBP0306: a pruned value is not zero.</exception>
    public static void RequireZerosOutside<T>(Parameter parameter, ReadOnlySpan<T> dense)
        where T : unmanaged, IEquatable<T>
    {
        var (pattern, taps) = Require(parameter, dense.Length, parameter.Shape.ElementCount);
        var kept = new bool[pattern.InputChannels];
        for (var group = 0; group < pattern.Groups; group++)
        {
            Array.Clear(kept);
            foreach (var channel in pattern.Kept(group))
                kept[channel] = true;
            RequireZeros(parameter, pattern, taps, group, kept, dense);
        }
    }

    private static void RequireZeros<T>(Parameter parameter, BlockPattern pattern, int taps, int group, bool[] kept, ReadOnlySpan<T> dense)
        where T : unmanaged, IEquatable<T>
    {
        for (var lane = 0; lane < pattern.BlockLength; lane++)
        {
            for (var channel = 0; channel < pattern.InputChannels; channel++)
            {
                if (kept[channel])
                    continue;
                var start = Index(pattern, taps, group, lane, channel, 0);
                var offset = dense.Slice(start, taps).IndexOfAnyExcept(default(T));
                if (offset >= 0)
                    throw new SubpException(
                        DiagnosticDescriptors.WeightBreaksPattern,
                        $"tensor '{parameter.Name}'",
                        FormattableString.Invariant(
                            $"{dense[start + offset]} at output channel {(group * pattern.BlockLength) + lane}, input channel {channel}"
                        ),
                        FormattableString.Invariant($"0, because group {group} does not keep the channel"),
                        "Apply the mask to the weights before writing them, or find the blocks again."
                    );
            }
        }
    }

    private static int Index(BlockPattern pattern, int taps, int group, int lane, int channel, int tap) =>
        (((((group * pattern.BlockLength) + lane) * pattern.InputChannels) + channel) * taps) + tap;

    private static int Taps(Parameter parameter) => parameter.Shape.Rank == 4 ? parameter.Shape.Height * parameter.Shape.Width : 1;

    private static (BlockPattern Pattern, int Taps) Require(Parameter parameter, int length, int expected)
    {
        var pattern =
            parameter.Pattern ?? throw new ArgumentException($"The parameter '{parameter.Name}' has no pattern.", nameof(parameter));
        if (length != expected)
            throw new ArgumentException($"{length} values for '{parameter.Name}', which has {expected}.", nameof(length));
        return (pattern, Taps(parameter));
    }
}
