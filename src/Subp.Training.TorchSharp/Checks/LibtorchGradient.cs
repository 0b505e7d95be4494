using Subp.Training.TorchSharp.Networks;
using static TorchSharp.torch;
using Functional = TorchSharp.torch.nn.functional;

namespace Subp.Training.TorchSharp.Checks;

/// <summary>The gradient of a convolution's input as trainings on the processor get it from libtorch.</summary>
/// <param name="threads">Threads within an operation.</param>
/// <param name="channelsLast">Whether the channels of a pixel lie side by side.</param>
internal sealed class LibtorchGradient(int threads, bool channelsLast)
{
    /// <summary>Computes it.</summary>
    public float[] Of(ConvolutionProbe probe, float[] weights, float[] outputGradient)
    {
        using var scope = NewDisposeScope();
        if (get_num_threads() != threads)
            set_num_threads(threads);

        var window = probe.Window;
        var taps = Layout(from_array(weights).reshape(probe.Outputs, probe.InputsOfGroup, window.Kernel.Height, window.Kernel.Width));
        var input = Layout(zeros(probe.Images, probe.Inputs, probe.Source.Height, probe.Source.Width)).requires_grad_(true);
        bool isEven = NodeFunctions.IsEven(window.Padding);
        var result = Functional.conv2d(
            isEven ? input : NodeFunctions.Padded(input, window.Padding, 0),
            taps,
            null,
            NodeFunctions.Pair(window.Stride),
            isEven ? [window.Padding.Top, window.Padding.Left] : [0, 0],
            NodeFunctions.Pair(window.Dilation),
            probe.Groups
        );
        result.backward([Layout(from_array(outputGradient).reshape(result.shape))]);
        return HostCopy.Read(input.grad!);
    }

    private Tensor Layout(Tensor tensor) => channelsLast ? Layouts.ChannelsLast(tensor) : tensor;
}
