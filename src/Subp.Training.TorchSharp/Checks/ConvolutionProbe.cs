using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Numerics;

namespace Subp.Training.TorchSharp.Checks;

/// <summary>
/// A convolution of a network over a few pixels, with numbers of its own, and what the gradient of its input is by the definition. Its
/// numbers are small multiples of an eighth, so that sums of floats are exact in any order.
/// </summary>
/// <param name="Images">The number of images.</param>
/// <param name="Inputs">The input channels.</param>
/// <param name="Outputs">The output channels.</param>
/// <param name="Groups">The groups of channels.</param>
/// <param name="Source">Rows and columns of the input.</param>
/// <param name="Window">How the kernel slides.</param>
internal sealed record ConvolutionProbe(int Images, int Inputs, int Outputs, int Groups, Extent Source, Window Window)
{
    // Wide layers cost most, and the fault has been seen in narrow ones.
    private const int WeightsOfWideLayer = 16_384;

    /// <summary>Rows and columns of the result.</summary>
    public Extent Target { get; } =
        new(
            Positions(Source.Height + Window.Padding.Top + Window.Padding.Bottom, Reach(Window).Height, Window.Stride.Height),
            Positions(Source.Width + Window.Padding.Left + Window.Padding.Right, Reach(Window).Width, Window.Stride.Width)
        );

    /// <summary>Input channels of one group.</summary>
    public int InputsOfGroup => Inputs / Groups;

    /// <summary>Whether the layer has so many channels that a few pixels take long.</summary>
    public bool IsWide => IsWideLayer(InputsOfGroup, Outputs);

    /// <summary>
    /// The probe of a layer: of the same channels and taps, and of at most 9 rows and columns, of wide layers 5, where the taps need no
    /// more.
    /// </summary>
    public static ConvolutionProbe Of(Conv2d convolution, TensorShape source, int outputs, int batchCapacity)
    {
        var reach = Reach(convolution.Window);
        bool isWide = IsWideLayer(source.Channels / convolution.Groups, outputs);
        int pixels = isWide ? 5 : 9;
        var extent = new Extent(
            Math.Min(source.Height, Math.Max(pixels, reach.Height)),
            Math.Min(source.Width, Math.Max(pixels, reach.Width))
        );
        int images = Math.Min(batchCapacity, isWide ? 2 : 5);
        return new ConvolutionProbe(images, source.Channels, outputs, convolution.Groups, extent, convolution.Window);
    }

    /// <summary>Weights, [outputs][inputs of a group][rows][columns].</summary>
    public float[] Weights() => Numbers(Outputs * InputsOfGroup * Window.Kernel.Height * Window.Kernel.Width, seed: 1);

    /// <summary>The gradient of the result, [images][outputs][rows][columns].</summary>
    public float[] OutputGradient() => Numbers(Images * Outputs * Target.Height * Target.Width, seed: 2);

    /// <summary>The gradient of one channel of one image of the input, by the definition.</summary>
    public double[] Expected(int image, int channel, float[] weights, float[] outputGradient)
    {
        double[] gradient = new double[Source.Height * Source.Width];
        int outputsOfGroup = Outputs / Groups;
        int first = channel / InputsOfGroup * outputsOfGroup;
        for (int output = first; output < first + outputsOfGroup; output++)
        {
            int plane = ((image * Outputs) + output) * Target.Height * Target.Width;
            int taps = ((output * InputsOfGroup) + (channel % InputsOfGroup)) * Window.Kernel.Height * Window.Kernel.Width;
            for (int pixel = 0; pixel < Target.Height * Target.Width; pixel++)
            {
                int top = (pixel / Target.Width * Window.Stride.Height) - Window.Padding.Top;
                int left = (pixel % Target.Width * Window.Stride.Width) - Window.Padding.Left;
                for (int tap = 0; tap < Window.Kernel.Height * Window.Kernel.Width; tap++)
                {
                    int row = top + (tap / Window.Kernel.Width * Window.Dilation.Height);
                    int column = left + (tap % Window.Kernel.Width * Window.Dilation.Width);
                    if (row >= 0 && row < Source.Height && column >= 0 && column < Source.Width)
                        gradient[(row * Source.Width) + column] += (double)outputGradient[plane + pixel] * weights[taps + tap];
                }
            }
        }

        return gradient;
    }

    /// <summary>The convolution in words, for messages.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Window.Kernel.Height}x{Window.Kernel.Width} taps from {Inputs} to {Outputs} channels")
        + (Groups == 1 ? "" : FormattableString.Invariant($" in {Groups} groups"));

    private static bool IsWideLayer(int inputsOfGroup, int outputs) => inputsOfGroup * outputs >= WeightsOfWideLayer;

    private static float[] Numbers(int count, ulong seed)
    {
        var random = new DeterministicRandom(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
            numbers[i] = (random.NextInt32(17) - 8) / 8f;
        return numbers;
    }

    private static Extent Reach(Window window) =>
        new(((window.Kernel.Height - 1) * window.Dilation.Height) + 1, ((window.Kernel.Width - 1) * window.Dilation.Width) + 1);

    private static int Positions(int padded, int reach, int stride) => ((padded - reach) / stride) + 1;
}
