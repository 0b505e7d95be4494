using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Transposed convolution: every input pixel adds its products to the output pixels under the kernel.</summary>
internal static class ConvTranspose2dEvaluator
{
    public static void Evaluate(ConvTranspose2d convolution, Arguments arguments)
    {
        var (input, output) = (arguments.InputShape(), arguments.OutputShape);
        var weight = arguments.Parameter(convolution.Weight);
        var (inputPlane, outputPlane) = (input.Height * input.Width, output.Height * output.Width);
        var (inputs, outputs) = (input.Channels / convolution.Groups, output.Channels / convolution.Groups);
        var taps = convolution.Window.Kernel.Height * convolution.Window.Kernel.Width;
        for (var pair = 0; pair < input.Batch * input.Channels * outputs; pair++)
        {
            var (image, source, own) = (pair / outputs / input.Channels, pair / outputs % input.Channels, pair % outputs);
            var target = (source / inputs * outputs) + own;
            Scatter(
                convolution.Window,
                weight.AsSpan(((source * outputs) + own) * taps, taps),
                arguments.Input().AsSpan(((image * input.Channels) + source) * inputPlane, inputPlane),
                input.Width,
                arguments.Output.AsSpan(((image * output.Channels) + target) * outputPlane, outputPlane),
                output.Width
            );
        }

        var bias = arguments.OptionalParameter(convolution.Bias);
        for (var index = 0; index < arguments.Output.Length; index++)
        {
            var channel = index / outputPlane % output.Channels;
            arguments.Output[index] = convolution.Activation.Apply(arguments.Output[index] + (bias?[channel] ?? 0));
        }
    }

    private static void Scatter(
        Window window,
        ReadOnlySpan<float> weight,
        ReadOnlySpan<double> source,
        int sourceWidth,
        Span<double> target,
        int width
    )
    {
        var height = target.Length / width;
        for (var pixel = 0; pixel < source.Length; pixel++)
        {
            var top = (pixel / sourceWidth * window.Stride.Height) - window.Padding.Top;
            var left = (pixel % sourceWidth * window.Stride.Width) - window.Padding.Left;
            for (var tap = 0; tap < weight.Length; tap++)
            {
                var y = top + (tap / window.Kernel.Width * window.Dilation.Height);
                var x = left + (tap % window.Kernel.Width * window.Dilation.Width);
                if (y >= 0 && y < height && x >= 0 && x < width)
                    target[(y * width) + x] += weight[tap] * source[pixel];
            }
        }
    }
}
