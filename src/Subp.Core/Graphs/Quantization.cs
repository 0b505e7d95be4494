using System.Globalization;
using Subp.Core.Diagnostics;

namespace Subp.Core.Graphs;

/// <summary>
/// What the bytes of a value stand for: real = <see cref="Scale"/> * (byte - <see cref="ZeroPoint"/>). Zero is a byte, so that padding is
/// exact.
/// </summary>
public sealed record Quantization
{
    /// <summary>The smallest scale, the smallest number that is not subnormal.</summary>
    public const float SmallestScale = 1.17549435e-38f;

    /// <summary>Creates a quantisation.</summary>
    /// <param name="scale">The distance of two neighbouring bytes: a finite number above 0 that is not subnormal.</param>
    /// <param name="zeroPoint">The byte that stands for 0, from 0 to 255.</param>
    /// <exception cref="SubpException">SUBP0230: either is out of its range.</exception>
    public Quantization(float scale, int zeroPoint)
    {
        if (!IsScale(scale))
            throw new SubpException(
                DiagnosticDescriptors.InvalidQuantization,
                "",
                "the scale " + scale.ToString("R", CultureInfo.InvariantCulture),
                "a finite number of at least 1.17549435e-38"
            );
        if (zeroPoint is < 0 or > byte.MaxValue)
            throw new SubpException(
                DiagnosticDescriptors.InvalidQuantization,
                "",
                FormattableString.Invariant($"the zero point {zeroPoint}"),
                "0 to 255"
            );
        Scale = scale;
        ZeroPoint = zeroPoint;
    }

    /// <summary>The distance of two neighbouring bytes.</summary>
    public float Scale { get; }

    /// <summary>The byte that stands for 0.</summary>
    public int ZeroPoint { get; }

    /// <summary>
    /// 256 equal steps from the smallest to the largest number, widened so that 0 is one of them, since padding is 0. Where no number other
    /// than 0 lies between them the scale is 1.
    /// </summary>
    /// <param name="low">The smallest number.</param>
    /// <param name="high">The largest number.</param>
    public static Quantization Covering(double low, double high)
    {
        (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
        var scale = (float)((high - low) / byte.MaxValue);
        if (!IsScale(scale))
            return new Quantization(1, 0);
        var zeroPoint = (int)Math.Round(-low / scale, MidpointRounding.ToEven);
        return new Quantization(scale, Math.Min(Math.Max(zeroPoint, 0), byte.MaxValue));
    }

    /// <summary>True for numbers that can be a scale: finite, positive, and not so small that arithmetic loses digits.</summary>
    public static bool IsScale(float scale) => scale >= SmallestScale && !float.IsInfinity(scale);

    /// <summary>Scale and zero point for messages, for example <c>(0.0235,3)</c>.</summary>
    public override string ToString() => string.Format(CultureInfo.InvariantCulture, "({0:R},{1})", Scale, ZeroPoint);
}
