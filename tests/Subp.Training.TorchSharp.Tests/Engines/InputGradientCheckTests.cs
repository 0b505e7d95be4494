using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Tests.Engines;
using Subp.Training.TorchSharp.Checks;

namespace Subp.Training.TorchSharp.Tests.Engines;

/// <summary>The look at libtorch before a training.</summary>
public class InputGradientCheckTests
{
    [Theory]
    [InlineData(1, 6, 4, 2)]
    [InlineData(3, 5, 8, 1)]
    public void What_is_expected_of_a_convolution_is_its_definition(int images, int inputs, int outputs, int groups)
    {
        var window = new Window(new Extent(3, 2), new Extent(2, 1), new Padding(0, 1, 2, 0), new Extent(1, 2));
        var probe = new ConvolutionProbe(images, inputs, outputs, groups, new Extent(7, 6), window);
        var definition = new NaiveConvolution(images, inputs, outputs, 7, 6, window, groups);
        Assert.Equal((definition.OutputHeight, definition.OutputWidth), (probe.Target.Height, probe.Target.Width));
        float[] weights = probe.Weights();
        float[] outputGradient = probe.OutputGradient();
        double[] expected = definition.InputGradient(outputGradient, weights);
        Assert.Equal(expected, LibtorchFault.Right(probe, weights, outputGradient).Select(value => (double)value));
    }

    [Fact]
    public void Every_shape_with_a_gradient_of_its_input_is_looked_at_and_no_other()
    {
        var asked = new HashSet<ConvolutionProbe>();
        using var engine = Create(
            TestNetworks.All["residual"](),
            (probe, weights, outputGradient) =>
            {
                asked.Add(probe);
                return LibtorchFault.Right(probe, weights, outputGradient);
            }
        );
        // The first layer reads the image; small images are looked at as they are.
        Assert.Equal(
            [(20, 36, 3, 9), (36, 36, 3, 5), (20, 36, 1, 9)],
            asked.Select(probe => (probe.Inputs, probe.Outputs, probe.Window.Kernel.Height, probe.Source.Height))
        );
    }

    [Theory]
    [InlineData(1.5f, "0.5000 of its largest value off")]
    [InlineData(float.NaN, "numbers that are none in the input gradient")]
    public void A_wrong_gradient_is_answered_with_SUBP0527(float factor, string found)
    {
        var exception = Assert.Throws<SubpException>(() =>
            Create(
                LibtorchFault.Narrow(5),
                (probe, weights, outputGradient) => [.. LibtorchFault.Right(probe, weights, outputGradient).Select(value => factor * value)]
            )
        );
        Assert.Equal("SUBP0527", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("layer 'second'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("3x3 taps from 5 to 8 channels", exception.Message, StringComparison.Ordinal);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains("--engine embedded, with --channels-last", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_gradient_of_one_run_of_three_is_found()
    {
        int runs = 0;
        var exception = Assert.Throws<SubpException>(() =>
            Create(
                LibtorchFault.Narrow(3),
                (probe, weights, outputGradient) =>
                {
                    float[] gradient = LibtorchFault.Right(probe, weights, outputGradient);
                    gradient[^1] += ++runs == 2 ? 1 : 0;
                    return gradient;
                }
            )
        );
        Assert.Equal("SUBP0527", exception.Diagnostic.Descriptor.Id);
    }

    private static ITrainingEngine Create(Graph graph, InputGradient gradient) =>
        new TorchSharpProvider { Gradient = gradient }.Create(TestNetworks.Request(graph, WeightInitializer.Initialize(graph, 1), 5, 1));
}
