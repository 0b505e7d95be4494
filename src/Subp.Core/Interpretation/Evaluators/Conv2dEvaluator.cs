using System.Numerics;
using System.Runtime.InteropServices;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>
/// Convolution as a sum of shifted planes: for each input channel the pixels under every tap are gathered once into planes of the output's
/// size, zero where the tap lies in the padding; then each output channel adds weight * plane for the taps whose weight is not zero. That
/// treats all strides, paddings and dilations alike, costs nothing for pruned weights, and keeps the inner loop over contiguous pixels.
/// Zero times infinity is NaN, so over pixels that are not all finite only the weights of pruned blocks are left out.
/// </summary>
internal static class Conv2dEvaluator
{
    private const int SweptPlanes = 3;

    public static void Evaluate(Conv2d convolution, Arguments arguments)
    {
        Sum(convolution, arguments, arguments.Input());
        Finish(convolution, arguments, arguments.OutputShape.Height * arguments.OutputShape.Width);
    }

    /// <summary>
    /// Adds the products of all weights and pixels to the output, without bias. Sums of integers are exact while they fit into 53 bits.
    /// </summary>
    public static void Sum(Conv2d convolution, Arguments arguments, double[] image)
    {
        var (inputShape, outputShape) = (arguments.InputShape(), arguments.OutputShape);
        var weight = arguments.Parameter(convolution.Weight);
        var kept = arguments.Kept(convolution.Weight);
        var taps = convolution.Window.Kernel.Height * convolution.Window.Kernel.Width;
        var (inputPlane, pixels) = (inputShape.Height * inputShape.Width, outputShape.Height * outputShape.Width);
        var inputsPerGroup = inputShape.Channels / convolution.Groups;
        var outputsPerGroup = outputShape.Channels / convolution.Groups;
        var planes = new double[taps * pixels];
        for (var item = 0; item < outputShape.Batch; item++)
        {
            for (var input = 0; input < inputShape.Channels; input++)
            {
                var group = input / inputsPerGroup;
                var channel = image.AsSpan(((item * inputShape.Channels) + input) * inputPlane, inputPlane);
                var isFinite = AllFinite(channel);
                Gather(convolution.Window, channel, inputShape.Height, inputShape.Width, planes, outputShape.Height, outputShape.Width);
                for (var output = group * outputsPerGroup; output < (group + 1) * outputsPerGroup; output++)
                {
                    if (!kept.Contains(output, input % inputsPerGroup))
                        continue;
                    var sums = arguments.Output.AsSpan(((item * outputShape.Channels) + output) * pixels, pixels);
                    var kernel = weight.AsSpan(((output * inputsPerGroup) + (input % inputsPerGroup)) * taps, taps);
                    AddKernel(sums, kernel, planes, skipsZeros: isFinite);
                }
            }
        }
    }

    // Stays zero outside the columns and rows of the image, which are the same for every channel.
    private static void Gather(
        Window window,
        ReadOnlySpan<double> image,
        int height,
        int width,
        Span<double> planes,
        int outputHeight,
        int outputWidth
    )
    {
        var stride = window.Stride.Width;
        for (var tap = 0; tap < window.Kernel.Height * window.Kernel.Width; tap++)
        {
            var top = (tap / window.Kernel.Width * window.Dilation.Height) - window.Padding.Top;
            var left = (tap % window.Kernel.Width * window.Dilation.Width) - window.Padding.Left;
            var first = Math.Max(0, (-left + stride - 1) / stride);
            var last = Math.Min(outputWidth - 1, width - 1 - left < 0 ? -1 : (width - 1 - left) / stride);
            for (var row = 0; row < outputHeight; row++)
            {
                var y = (row * window.Stride.Height) + top;
                if (y < 0 || y >= height || first > last)
                    continue;
                var target = planes.Slice((((tap * outputHeight) + row) * outputWidth) + first, last - first + 1);
                var source = image[((y * width) + (first * stride) + left)..];
                if (stride == 1)
                {
                    source[..target.Length].CopyTo(target);
                    continue;
                }

                for (var column = 0; column < target.Length; column++)
                    target[column] = source[column * stride];
            }
        }
    }

    private static bool AllFinite(ReadOnlySpan<double> pixels)
    {
        foreach (var pixel in pixels)
        {
            if (!double.IsFinite(pixel))
                return false;
        }

        return true;
    }

    // Adds three planes in one sweep over the sums, because a sweep per plane would spend its time loading and storing sums.
    private static void AddKernel(Span<double> sums, ReadOnlySpan<float> kernel, ReadOnlySpan<double> planes, bool skipsZeros)
    {
        var pixels = sums.Length;
        Span<int> taps = stackalloc int[SweptPlanes];
        var pending = 0;
        for (var tap = 0; tap < kernel.Length; tap++)
        {
            if (skipsZeros && kernel[tap] == 0)
                continue;
            taps[pending++] = tap;
            if (pending < SweptPlanes)
                continue;
            AddScaled(
                sums,
                kernel[taps[0]],
                planes.Slice(taps[0] * pixels, pixels),
                kernel[taps[1]],
                planes.Slice(taps[1] * pixels, pixels),
                kernel[taps[2]],
                planes.Slice(taps[2] * pixels, pixels)
            );
            pending = 0;
        }

        for (var index = 0; index < pending; index++)
            AddScaled(sums, kernel[taps[index]], planes.Slice(taps[index] * pixels, pixels));
    }

    private static void AddScaled(Span<double> sums, double weight, ReadOnlySpan<double> plane)
    {
        var wideSums = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var widePlane = MemoryMarshal.Cast<double, Vector<double>>(plane);
        var wideWeight = new Vector<double>(weight);
        for (var index = 0; index < wideSums.Length; index++)
            wideSums[index] = Vector.FusedMultiplyAdd(wideWeight, widePlane[index], wideSums[index]);
        for (var index = wideSums.Length * Vector<double>.Count; index < sums.Length; index++)
            sums[index] += weight * plane[index];
    }

    private static void AddScaled(
        Span<double> sums,
        double weight0,
        ReadOnlySpan<double> plane0,
        double weight1,
        ReadOnlySpan<double> plane1,
        double weight2,
        ReadOnlySpan<double> plane2
    )
    {
        var (wide0, wide1, wide2) = (new Vector<double>(weight0), new Vector<double>(weight1), new Vector<double>(weight2));
        ref var sum = ref MemoryMarshal.GetReference(sums);
        ref var first = ref MemoryMarshal.GetReference(plane0);
        ref var second = ref MemoryMarshal.GetReference(plane1);
        ref var third = ref MemoryMarshal.GetReference(plane2);
        var whole = sums.Length - (sums.Length % Vector<double>.Count);
        for (nuint index = 0; index < (nuint)whole; index += (nuint)Vector<double>.Count)
        {
            var value = Vector.LoadUnsafe(ref sum, index);
            value = Vector.FusedMultiplyAdd(wide0, Vector.LoadUnsafe(ref first, index), value);
            value = Vector.FusedMultiplyAdd(wide1, Vector.LoadUnsafe(ref second, index), value);
            value = Vector.FusedMultiplyAdd(wide2, Vector.LoadUnsafe(ref third, index), value);
            Vector.StoreUnsafe(value, ref sum, index);
        }

        for (var index = whole; index < sums.Length; index++)
            sums[index] += (weight0 * plane0[index]) + (weight1 * plane1[index]) + (weight2 * plane2[index]);
    }

    private static void Finish(Conv2d convolution, Arguments arguments, int pixels)
    {
        var bias = arguments.OptionalParameter(convolution.Bias);
        for (var first = 0; first < arguments.Output.Length; first += pixels)
        {
            var output = arguments.Output.AsSpan(first, pixels);
            var residual = arguments.InputCount > 1 ? arguments.Input(1).AsSpan(first, pixels) : default;
            double offset = bias?[first / pixels % arguments.OutputShape.Channels] ?? 0;
            for (var index = 0; index < output.Length; index++)
            {
                var sum = output[index] + offset;
                output[index] = convolution.Activation.Apply(residual.IsEmpty ? sum : sum + residual[index]);
            }
        }
    }
}
