using Subp.Core.Graphs;

namespace Subp.Core.Storage;

/// <summary>Where the values of one parameter lie in the canonical weights file, and in which shape.</summary>
/// <param name="Parameter">The declaration.</param>
/// <param name="Offset">The first byte, counted from the start of the file.</param>
/// <param name="ByteLength">The number of bytes; zero where a pattern keeps nothing.</param>
/// <param name="Shape">
/// The stored shape. Dense: the shape of the parameter. Uniform pattern: [groups, kept blocks, taps, N]. Other patterns: [kept blocks,
/// taps, N] over all groups in order. Taps are kernel height * kernel width, 1 for a linear layer.
/// </param>
public sealed record StoredTensor(Parameter Parameter, int Offset, int ByteLength, IReadOnlyList<int> Shape)
{
    /// <summary>The stored shape of a parameter.</summary>
    public static IReadOnlyList<int> ShapeOf(Parameter parameter)
    {
        if (parameter.Pattern is not { } pattern)
            return parameter.Shape.Dimensions;
        var taps = parameter.Shape.Rank == 4 ? parameter.Shape.Height * parameter.Shape.Width : 1;
        return pattern.IsUniform
            ? [pattern.Groups, pattern.Kept(0).Count, taps, pattern.BlockLength]
            : [pattern.KeptBlocks, taps, pattern.BlockLength];
    }
}
