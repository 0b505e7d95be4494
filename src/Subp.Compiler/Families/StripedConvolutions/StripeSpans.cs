using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.StripedConvolutions;

/// <summary>
/// How the stripes of an image are divided into spans, which a register tile takes at once. Spans are as long as they may be and as equal
/// as they can be: 13 stripes are 3 + 3 + 3 + 2 + 2 and not 4 times 3 and a lone one, whose kernel would wait for its loads.
/// </summary>
/// <param name="Count">Spans of an image.</param>
/// <param name="Stripes">Stripes of the shorter spans.</param>
/// <param name="Longer">How many spans, the first ones, have one stripe more.</param>
internal readonly record struct StripeSpans(int Count, int Stripes, int Longer)
{
    /// <summary>The stripes that a kernel of eight channels keeps sums for in 32 registers, and one of four.</summary>
    private const int MostOfEight = 3,
        MostOfFour = 4;

    /// <summary>The spans of an image.</summary>
    /// <param name="shape">The image.</param>
    /// <param name="blockLength">N.</param>
    public static StripeSpans Of(TensorShape shape, int blockLength)
    {
        var stripes = StripeLayout.StripesOf(shape);
        var most = blockLength % 8 == 0 ? MostOfEight : MostOfFour;
        var count = (stripes + most - 1) / most;
        return new StripeSpans(count, stripes / count, stripes % count);
    }

    /// <summary>The first stripe of a span of an image, or the number of stripes for the one behind the last.</summary>
    public int FirstStripe(int span) => (span * Stripes) + Math.Min(span, Longer);

    /// <summary>The stripes of the longest spans.</summary>
    public int Longest => Longer > 0 ? Stripes + 1 : Stripes;
}
