using Subp.Core.Graphs;

namespace Subp.Compression.Quantizing;

/// <summary>The smallest and the largest number that a value takes, or that is worth a byte.</summary>
/// <param name="Low">The smallest.</param>
/// <param name="High">The largest.</param>
public readonly record struct ValueRange(double Low, double High)
{
    /// <summary>True where no number other than 0 lies in the range, or none at all: no input reached the value.</summary>
    public bool IsEmpty => !(Math.Max(High, 0) - Math.Min(Low, 0) > 0);

    /// <summary>
    /// 256 equal steps from the smallest to the largest number, widened so that 0 is one of them, since padding is 0. An empty range has
    /// the scale 1.
    /// </summary>
    public Quantization ToQuantization() => Quantization.Covering(Low, High);

    internal ValueRange Clamp(double minimum, double maximum) => new(Math.Clamp(Low, minimum, maximum), Math.Clamp(High, minimum, maximum));

    internal ValueRange Union(ValueRange other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));

    internal ValueRange Intersection(ValueRange other) => new(Math.Max(Low, other.Low), Math.Min(High, other.High));
}
