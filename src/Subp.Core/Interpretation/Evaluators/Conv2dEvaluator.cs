using System.Numerics;
using System.Runtime.InteropServices;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>
/// Convolution as a sum of shifted planes: for each input channel the pixels under every tap are gathered once into planes of the output's size, zero
/// where the tap lies in the padding; then each output channel adds weight * plane for the taps whose weight is not zero. That treats all strides,
/// paddings and dilations alike, costs nothing for pruned weights, and keeps the inner loop over contiguous pixels.
/// </summary>
internal static class Conv2dEvaluator
{
    public static void Evaluate(Conv2d convolution, Arguments arguments)
    {
        var (inputShape, outputShape) = (arguments.InputShape(), arguments.OutputShape);
        var weight = arguments.Parameter(convolution.Weight);
        var taps = convolution.Window.Kernel.Height * convolution.Window.Kernel.Width;
        var (inputPlane, pixels) = (inputShape.Height * inputShape.Width, outputShape.Height * outputShape.Width);
        var inputsPerGroup = inputShape.Channels / convolution.Groups;
        var outputsPerGroup = outputShape.Channels / convolution.Groups;
        var planes = new double[taps * pixels];
        for (var image = 0; image < outputShape.Batch; image++)
        {
            for (var input = 0; input < inputShape.Channels; input++)
            {
                var group = input / inputsPerGroup;
                Gather(convolution.Window, arguments.Input().AsSpan(((image * inputShape.Channels) + input) * inputPlane, inputPlane),
                    inputShape.Height, inputShape.Width, planes, outputShape.Height, outputShape.Width);
                for (var output = group * outputsPerGroup; output < (group + 1) * outputsPerGroup; output++)
                {
                    var sums = arguments.Output.AsSpan(((image * outputShape.Channels) + output) * pixels, pixels);
                    var kernel = weight.AsSpan(((output * inputsPerGroup) + (input % inputsPerGroup)) * taps, taps);
                    for (var tap = 0; tap < taps; tap++)
                    {
                        if (kernel[tap] != 0)
                            AddScaled(sums, kernel[tap], planes.AsSpan(tap * pixels, pixels));
                    }
                }
            }
        }

        Finish(convolution, arguments, pixels);
    }

    private static void Gather(Window window, ReadOnlySpan<double> image, int height, int width, Span<double> planes, int outputHeight, int outputWidth)
    {
        var target = 0;
        for (var tap = 0; tap < window.Kernel.Height * window.Kernel.Width; tap++)
        {
            var top = (tap / window.Kernel.Width * window.Dilation.Height) - window.Padding.Top;
            var left = (tap % window.Kernel.Width * window.Dilation.Width) - window.Padding.Left;
            for (var row = 0; row < outputHeight; row++)
            {
                var y = (row * window.Stride.Height) + top;
                for (var column = 0; column < outputWidth; column++)
                {
                    var x = (column * window.Stride.Width) + left;
                    planes[target++] = y < 0 || y >= height || x < 0 || x >= width ? 0 : image[(y * width) + x];
                }
            }
        }
    }

    private static void AddScaled(Span<double> sums, double weight, ReadOnlySpan<double> plane)
    {
        var wideSums = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var widePlane = MemoryMarshal.Cast<double, Vector<double>>(plane);
        var wideWeight = new Vector<double>(weight);
        for (var index = 0; index < wideSums.Length; index++)
            wideSums[index] += wideWeight * widePlane[index];
        for (var index = wideSums.Length * Vector<double>.Count; index < sums.Length; index++)
            sums[index] += weight * plane[index];
    }

    private static void Finish(Conv2d convolution, Arguments arguments, int pixels)
    {
        var output = arguments.Output;
        var bias = arguments.OptionalParameter(convolution.Bias);
        var residual = arguments.InputCount > 1 ? arguments.Input(1) : null;
        for (var index = 0; index < output.Length; index++)
        {
            var channel = index / pixels % arguments.OutputShape.Channels;
            output[index] = convolution.Activation.Apply(output[index] + (bias?[channel] ?? 0) + (residual?[index] ?? 0));
        }
    }
}
