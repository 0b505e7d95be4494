using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;

namespace Subp.Training.TorchSharp.Checks;

/// <summary>The gradient of the input of a convolution, [images][inputs][rows][columns].</summary>
internal delegate float[] InputGradient(ConvolutionProbe probe, float[] weights, float[] outputGradient);

/// <summary>
/// Looks whether the library computes the gradients of inputs right on this processor, before a training relies on them: libtorch 2.10 does
/// not on some virtual machines, for some numbers of channels, and a training would go on with wrong numbers.
/// </summary>
internal static class InputGradientCheck
{
    private const double Tolerance = 1e-4;

    // The fault differs from run to run.
    private const int Runs = 3;
    private const int RunsOfWideLayer = 1;
    private const int MostChannels = 16;

    /// <summary>Computes a few pixels of every convolution behind which something is trained, once for each shape.</summary>
    /// <exception cref="SubpException">SUBP0527 where a gradient is wrong.</exception>
    public static void Require(TrainedNetwork network, EngineRequest request, InputGradient library)
    {
        var seen = new HashSet<ConvolutionProbe>();
        foreach (var (node, convolution) in WithInputGradient(network))
        {
            var source = network.Graph.ShapeOf(node.Inputs[0]);
            var probe = ConvolutionProbe.Of(convolution, source, node.Shape.Channels, request.BatchCapacity);
            if (!seen.Add(probe))
                continue;
            double difference = LargestDifference(probe, library);
            // A NaN is no difference that is small.
            if (!(difference <= Tolerance))
                throw Wrong(node, probe, difference, request.Settings.ChannelsLast);
        }
    }

    private static IEnumerable<(GraphNode Node, Conv2d Convolution)> WithInputGradient(TrainedNetwork network)
    {
        var differentiated = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in network.Nodes)
        {
            if (node.Operator is Conv2d convolution && differentiated.Contains(node.Inputs[0]))
                yield return (node, convolution);
            if (node.Inputs.Any(differentiated.Contains) || node.Operator.Parameters.Any(use => network[use.Name].IsTrained))
                differentiated.Add(node.Name);
        }
    }

    // As a share of the largest gradient; NaN where one is no number. Of wide layers a few channels are looked at, the first and the last
    // among them, in the first and the last image.
    private static double LargestDifference(ConvolutionProbe probe, InputGradient library)
    {
        float[] weights = probe.Weights();
        float[] outputGradient = probe.OutputGradient();
        float[][] found =
        [
            .. Enumerable.Range(0, probe.IsWide ? RunsOfWideLayer : Runs).Select(_ => library(probe, weights, outputGradient)),
        ];
        int channels = Math.Min(probe.Inputs, MostChannels);
        int pixels = probe.Source.Height * probe.Source.Width;
        double largest = 0;
        double difference = 0;
        foreach (int image in new[] { 0, probe.Images - 1 }.Distinct())
        {
            for (int i = 0; i < channels; i++)
            {
                int channel = channels == 1 ? 0 : i * (probe.Inputs - 1) / (channels - 1);
                double[] expected = probe.Expected(image, channel, weights, outputGradient);
                int first = ((image * probe.Inputs) + channel) * pixels;
                for (int pixel = 0; pixel < pixels; pixel++)
                {
                    largest = Math.Max(largest, Math.Abs(expected[pixel]));
                    foreach (float[] gradient in found)
                        difference = Math.Max(difference, Math.Abs(gradient[first + pixel] - expected[pixel]));
                }
            }
        }

        return largest == 0 ? difference : difference / largest;
    }

    private static SubpException Wrong(GraphNode node, ConvolutionProbe probe, double difference, bool channelsLast) =>
        new(
            DiagnosticDescriptors.GradientWrong,
            $"layer '{node.Name}'",
            double.IsNaN(difference)
                ? $"numbers that are none in the input gradient of {probe} by libtorch"
                : FormattableString.Invariant($"the input gradient of {probe} by libtorch {difference:0.0000} of its largest value off"),
            FormattableString.Invariant($"at most {Tolerance:0.0000}"),
            $"Train with --engine embedded, {(channelsLast ? "without" : "with")} --channels-last, or on another machine."
        );
}
