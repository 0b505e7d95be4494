using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Subp.Core.Operators;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>The passes of a normalisation over sixteen channels of some images.</summary>
internal static unsafe class NormalisationPasses
{
    /// <summary>to = clamp(from * factor + offset), lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* from, float* to, long length, float* factor, float* offset, Activation activation)
    {
        var factorLow = Vector256.Load(factor);
        var factorHigh = Vector256.Load(factor + 8);
        var offsetLow = Vector256.Load(offset);
        var offsetHigh = Vector256.Load(offset + 8);
        var minimum = Vector256.Create(activation.Minimum);
        var maximum = Vector256.Create(activation.Maximum);
        for (float* end = from + length; from < end; from += 16, to += 16)
        {
            var low = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(from), factorLow, offsetLow);
            var high = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(from + 8), factorHigh, offsetHigh);
            Clamp.Apply(low, minimum, maximum).StoreAligned(to);
            Clamp.Apply(high, minimum, maximum).StoreAligned(to + 8);
        }
    }

    /// <summary>Sums and sums of squares around a centre, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Moments(float* from, int images, int pixels, float* center, Span<double> sums, Span<double> squares)
    {
        sums.Clear();
        squares.Clear();
        var centerLow = Vector256.Load(center);
        var centerHigh = Vector256.Load(center + 8);
        for (int image = 0; image < images; image++)
        {
            var sumLow = Vector256<float>.Zero;
            var sumHigh = Vector256<float>.Zero;
            var squareLow = Vector256<float>.Zero;
            var squareHigh = Vector256<float>.Zero;
            for (float* end = from + (pixels * 16L); from < end; from += 16)
            {
                var low = Vector256.LoadAligned(from) - centerLow;
                var high = Vector256.LoadAligned(from + 8) - centerHigh;
                sumLow += low;
                sumHigh += high;
                squareLow = Vector256.MultiplyAddEstimate(low, low, squareLow);
                squareHigh = Vector256.MultiplyAddEstimate(high, high, squareHigh);
            }

            ChannelSums.AddLanes(sumLow, sums);
            ChannelSums.AddLanes(sumHigh, sums[8..]);
            ChannelSums.AddLanes(squareLow, squares);
            ChannelSums.AddLanes(squareHigh, squares[8..]);
        }
    }

    /// <summary>
    /// Sums of gradients, and of their products with what is around a centre, lane by lane, where the clamp let values through.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientSums(
        float* x,
        float* y,
        float* dy,
        int images,
        int pixels,
        float* center,
        Activation activation,
        Span<double> sums,
        Span<double> products
    )
    {
        sums.Clear();
        products.Clear();
        var centerLow = Vector256.Load(center);
        var centerHigh = Vector256.Load(center + 8);
        var minimum = Vector256.Create(activation.Minimum);
        var maximum = Vector256.Create(activation.Maximum);
        for (int image = 0; image < images; image++)
        {
            var sumLow = Vector256<float>.Zero;
            var sumHigh = Vector256<float>.Zero;
            var productLow = Vector256<float>.Zero;
            var productHigh = Vector256<float>.Zero;
            for (float* end = x + (pixels * 16L); x < end; x += 16, y += 16, dy += 16)
            {
                var low = Clamp.Gate(Vector256.LoadAligned(dy), Vector256.LoadAligned(y), minimum, maximum);
                var high = Clamp.Gate(Vector256.LoadAligned(dy + 8), Vector256.LoadAligned(y + 8), minimum, maximum);
                sumLow += low;
                sumHigh += high;
                productLow = Vector256.MultiplyAddEstimate(low, Vector256.LoadAligned(x) - centerLow, productLow);
                productHigh = Vector256.MultiplyAddEstimate(high, Vector256.LoadAligned(x + 8) - centerHigh, productHigh);
            }

            ChannelSums.AddLanes(sumLow, sums);
            ChannelSums.AddLanes(sumHigh, sums[8..]);
            ChannelSums.AddLanes(productLow, products);
            ChannelSums.AddLanes(productHigh, products[8..]);
        }
    }

    /// <summary>dx = gate(dy) * factor + x * slope + constant, lane by lane; added to what is there where that is asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient(
        float* x,
        float* y,
        float* dy,
        float* dx,
        long length,
        float* factor,
        Span<float> slope,
        Span<float> constant,
        Activation activation,
        bool accumulate
    )
    {
        var factorLow = Vector256.Load(factor);
        var factorHigh = Vector256.Load(factor + 8);
        var slopeLow = Vector256.Create<float>(slope[..8]);
        var slopeHigh = Vector256.Create<float>(slope[8..16]);
        var constantLow = Vector256.Create<float>(constant[..8]);
        var constantHigh = Vector256.Create<float>(constant[8..16]);
        var minimum = Vector256.Create(activation.Minimum);
        var maximum = Vector256.Create(activation.Maximum);
        for (float* end = x + length; x < end; x += 16, y += 16, dy += 16, dx += 16)
        {
            var low = Clamp.Gate(Vector256.LoadAligned(dy), Vector256.LoadAligned(y), minimum, maximum);
            var high = Clamp.Gate(Vector256.LoadAligned(dy + 8), Vector256.LoadAligned(y + 8), minimum, maximum);
            low = Vector256.MultiplyAddEstimate(
                low,
                factorLow,
                Vector256.MultiplyAddEstimate(Vector256.LoadAligned(x), slopeLow, constantLow)
            );
            high = Vector256.MultiplyAddEstimate(
                high,
                factorHigh,
                Vector256.MultiplyAddEstimate(Vector256.LoadAligned(x + 8), slopeHigh, constantHigh)
            );
            if (accumulate)
            {
                low += Vector256.LoadAligned(dx);
                high += Vector256.LoadAligned(dx + 8);
            }

            low.StoreAligned(dx);
            high.StoreAligned(dx + 8);
        }
    }
}
