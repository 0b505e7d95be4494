using Subp.Core.Graphs;

namespace Subp.Core.Storage;

/// <summary>
/// Where the values of one parameter lie in the canonical weights file, and in which shape; or the scales of one of few bits.
/// </summary>
/// <param name="Parameter">The declaration.</param>
/// <param name="Offset">The first byte, counted from the start of the file.</param>
/// <param name="ByteLength">The number of bytes; zero where a pattern keeps nothing.</param>
/// <param name="Shape">
/// The stored shape. Dense: the shape of the parameter. Uniform pattern: [groups, kept blocks, taps, N]. Other patterns: [kept blocks,
/// taps, N] over all groups in order. Taps are kernel height * kernel width, 1 for a linear layer. Of few bits: [bytes], with the values in
/// the same order; of their scales [out].
/// </param>
public sealed record StoredTensor(Parameter Parameter, int Offset, int ByteLength, IReadOnlyList<int> Shape)
{
    /// <summary>The name in the file.</summary>
    public string Name { get; init; } = Parameter.Name;

    /// <summary>True for the scales of a parameter of few bits, one for each output channel.</summary>
    public bool IsScales { get; init; }

    /// <summary>What one stored element is: integers of few bits are counted in bytes.</summary>
    public ElementType Element => IsScales || Parameter.Bits is null ? Parameter.Element : ElementType.UInt8;

    /// <summary>The stored shape of a parameter.</summary>
    public static IReadOnlyList<int> ShapeOf(Parameter parameter)
    {
        var values = ValueShapeOf(parameter);
        return parameter.Bits is { } bits
            ? [checked((int)StoredBits.BytesOf(values.Aggregate(1L, (count, dimension) => count * dimension), bits))]
            : values;
    }

    /// <summary>The number of values of a parameter that are stored: of a block-sparse one those of kept blocks.</summary>
    public static int CountOf(Parameter parameter) => ValueShapeOf(parameter).Aggregate(1, (count, dimension) => count * dimension);

    private static IReadOnlyList<int> ValueShapeOf(Parameter parameter)
    {
        if (parameter.Pattern is not { } pattern)
            return parameter.Shape.Dimensions;
        var taps = parameter.Shape.Rank == 4 ? parameter.Shape.Height * parameter.Shape.Width : 1;
        return pattern.IsUniform
            ? [pattern.Groups, pattern.Kept(0).Count, taps, pattern.BlockLength]
            : [pattern.KeptBlocks, taps, pattern.BlockLength];
    }
}
