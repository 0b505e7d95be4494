namespace Subp.Onnx.Export;

/// <summary>
/// A parameter of the file that is stored as integers, and the numbers that they stand for: (integer - zero point) * scale.
/// </summary>
/// <param name="Source">The parameter of the network that has the values; several of the file may have those of one.</param>
/// <param name="Scales">One scale, or one for each index of the first dimension.</param>
/// <param name="ZeroPoint">The integer that stands for 0.</param>
internal sealed record StoredIntegers(string Source, float[] Scales, int ZeroPoint)
{
    /// <summary>Whether the same integers stand for the same numbers.</summary>
    public bool IsSame(StoredIntegers other) =>
        Source == other.Source && ZeroPoint == other.ZeroPoint && Scales.AsSpan().SequenceEqual(other.Scales);
}
