using Subp.Core.Diagnostics;

namespace Subp.Core.Graphs;

/// <summary>How many bits a value of a weight may take in the weights file, and what follows from their number.</summary>
public static class StoredBits
{
    // About what the code takes that unpacks a weight.
    private const long LeastSaved = 256;

    /// <summary>The fewest: ternary weights.</summary>
    public const int Fewest = 2;

    /// <summary>
    /// The most that save enough: eight of a weight of floats, six of one of bytes; 0 for elements that are no weights.
    /// </summary>
    public static int Most(ElementType element) =>
        element switch
        {
            ElementType.Float32 => 8,
            ElementType.Int8 => 6,
            _ => 0,
        };

    /// <summary>The largest integer of some bits; the smallest is its negative, so that both signs reach equally far.</summary>
    public static int Largest(int bits) => (1 << (bits - 1)) - 1;

    /// <summary>The bytes of integers of some bits, one behind the other.</summary>
    public static long BytesOf(long count, int bits) => ((count * bits) + 7) / 8;

    /// <summary>Whether a weight is stored packed: that has to save a quarter, and more than the code takes that unpacks it.</summary>
    /// <param name="plain">Its bytes as it is.</param>
    /// <param name="packed">Its bytes packed, with its scales.</param>
    public static bool ArePacked(long plain, long packed) => plain - packed >= Math.Max(LeastSaved, plain / 4);

    /// <summary>Requires the bits that a parameter declares to be ones that it may have.</summary>
    /// <exception cref="SubpException">SUBP0537: it may not have them.</exception>
    internal static void RequireFits(Parameter parameter)
    {
        if (parameter.Bits is not { } bits)
            return;
        var most = Most(parameter.Element);
        if (most == 0 || parameter.Shape.Rank < 2)
            throw Invalid(
                parameter,
                $"{bits} bits of {ElementTypes.Word(parameter.Element)}{parameter.Shape}",
                "f32 or s8 of two or more dimensions"
            );
        if (bits < Fewest || bits > most)
            throw Invalid(
                parameter,
                FormattableString.Invariant($"{bits} bits"),
                FormattableString.Invariant($"{Fewest} to {most} of an element of {ElementTypes.Word(parameter.Element)}")
            );
    }

    private static SubpException Invalid(Parameter parameter, string found, string expected) =>
        new(DiagnosticDescriptors.InvalidBits, $"parameter '{parameter.Name}'", found, expected);
}
