using Subp.Compression.Quantizing;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Tooling.Quantizing;

namespace Subp.Tooling.Tests.Quantizing;

public sealed class PixelBytesTests
{
    private static readonly float[] s_means = [0.485f, 0.456f, 0.406f];
    private static readonly float[] s_deviations = [0.229f, 0.224f, 0.225f];

    [Fact]
    public void One_normalisation_for_all_channels_is_what_a_byte_stands_for()
    {
        var options = PixelBytes.Of(Network([0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]).Graph, new Int8Options());
        Assert.Equal(new Quantization(1 / (255 * 0.25f), 128), options.InputQuantization);
        Assert.Null(options.Pixels);
    }

    [Fact]
    public void Of_several_inputs_those_that_are_named_are_pixels_and_the_others_floats()
    {
        var network = Several();
        var options = PixelBytes.Of(network.Graph, new Int8Options { InputRange = new ValueRange(-1, 1) }, "image");
        Assert.Equal(["image"], options.PixelInputs);
        var taking = Int8Conversion.Convert(network, FusedNetwork.Of(network), options with { TakesBytes = true }).Model.Graph;
        Assert.Equal(new Quantization(1 / (255 * 0.25f), 128), taking.Inputs[0].Type.Quantization);
        Assert.Null(taking.Inputs[1].Type.Quantization);
        Assert.Equal(2, taking.Outputs.Count);
    }

    [Fact]
    public void The_range_of_an_input_that_is_no_pixels_is_not_that_of_pixels()
    {
        var network = Several();
        var options = PixelBytes.Of(network.Graph, new Int8Options(), "image");
        var exception = Assert.Throws<SubpException>(() => Int8Conversion.Convert(network, FusedNetwork.Of(network), options));
        Assert.Equal("SUBP0595", exception.Diagnostic.Descriptor.Id);
        Assert.Equal("value 'depth'", exception.Diagnostic.Location);
    }

    [Fact]
    public void Inputs_that_are_not_named_not_known_or_no_images_are_refused()
    {
        var graph = Several().Graph;
        Refused(graph, "2 inputs, 'image', 'depth'");
        var unknown = Assert.Throws<SubpException>(() => PixelBytes.Of(graph, new Int8Options(), "picture")).Diagnostic;
        Assert.Equal(("SUBP0801", "--pixel-input", "'picture'"), (unknown.Descriptor.Id, unknown.Location, unknown.Found));
        var builder = new GraphBuilder("rows")
        {
            Metadata = new ModelMetadata { NormalizationMean = [0.5f], NormalizationDeviation = [0.25f] },
        };
        builder.Output(builder.Node("relu", Activate.Relu, builder.Input("image", new TensorShape(1, 1, 4, 4))));
        builder.Output(builder.Node("other", Activate.Relu, builder.Input("rows", new TensorShape(1, 4, 4))));
        var rows = Assert.Throws<SubpException>(() => PixelBytes.Of(builder.Build(), new Int8Options(), "rows")).Diagnostic;
        Assert.Equal(("input 'rows'", "the shape [1,4,4]"), (rows.Location, rows.Found));
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.2f)]
    public void A_mean_that_is_no_pixel_needs_the_layer(float mean)
    {
        var options = PixelBytes.Of(Network([mean, mean, mean], [0.25f, 0.25f, 0.25f]).Graph, new Int8Options());
        Assert.Null(options.InputQuantization);
        Assert.Equal([mean, mean, mean], options.Pixels!.Means);
    }

    [Fact]
    public void A_normalisation_of_each_channel_gives_the_bytes_of_normalised_floats()
    {
        var network = Network(s_means, s_deviations);
        var options = PixelBytes.Of(network.Graph, new Int8Options());
        var fused = FusedNetwork.Of(network);
        var ofFloats = Int8Conversion.Convert(network, fused, options).Model;
        var ofPixels = Int8Conversion.Convert(network, fused, options with { TakesBytes = true }).Model;
        Assert.True(ofPixels.Graph.Inputs[0].Type.Quantization is { ZeroPoint: 0 });
        Assert.DoesNotContain(ofPixels.Graph.Nodes, node => node.Operator is Quantize);

        // Every pixel there is, in every channel.
        var pixels = new float[3 * 256];
        var floats = new float[3 * 256];
        for (var index = 0; index < pixels.Length; index++)
        {
            pixels[index] = index % 256;
            floats[index] = (((index % 256) / 255f) - s_means[index / 256]) / s_deviations[index / 256];
        }

        var expected = new ReferenceInterpreter(ofFloats).RunAll(new Dictionary<string, float[]> { ["image"] = floats });
        var found = new ReferenceInterpreter(ofPixels).RunAll(new Dictionary<string, float[]> { ["image"] = pixels });
        var (wanted, given) = (expected["image.bytes"], found["image.normalized"]);
        Assert.True(wanted.Max() - wanted.Min() > 200);
        var differences = wanted.Zip(given, (left, right) => Math.Abs(left - right)).ToArray();
        Assert.True(differences.Max() <= 1);
        // Only where a number lies in the middle between two bytes.
        Assert.True(differences.Count(difference => difference > 0) <= 8, $"{differences.Count(difference => difference > 0)} pixels");
        var output = network.Graph.Outputs[0];
        Assert.True(
            expected[output].Zip(found[output], (left, right) => Math.Abs(left - right)).Max() < 0.02 * expected[output].Max(Math.Abs)
        );
    }

    [Fact]
    public void A_stem_that_stays_float_gets_the_numbers_of_pixels()
    {
        var network = Network(s_means, s_deviations);
        var options = PixelBytes.Of(network.Graph, new Int8Options()) with { FloatReason = layer => layer == "stem" ? "asked" : null };
        var fused = FusedNetwork.Of(network);
        var ofFloats = Int8Conversion.Convert(network, fused, options).Model;
        var ofPixels = Int8Conversion.Convert(network, fused, options with { TakesBytes = true }).Model;
        Assert.DoesNotContain(ofPixels.Graph.Nodes, node => node.Name == "image.normalized");
        var random = new Random(2);
        var pixels = Enumerable.Range(0, 3 * 256).Select(_ => (float)random.Next(256)).ToArray();
        var floats = pixels.Select((pixel, index) => ((pixel / 255) - s_means[index / 256]) / s_deviations[index / 256]).ToArray();
        var (wanted, given) = (new float[16], new float[16]);
        new ReferenceInterpreter(ofFloats).Run(floats, wanted);
        new ReferenceInterpreter(ofPixels).Run(pixels, given);
        Assert.All(wanted.Zip(given), pair => Assert.Equal(pair.First, pair.Second, tolerance: 0.01 * wanted.Max(Math.Abs)));
    }

    [Fact]
    public void A_network_that_names_no_normalisation_is_refused() => Refused(Network([], []).Graph, "no normalisation of pixels");

    [Fact]
    public void A_normalisation_of_other_channels_is_refused() =>
        Refused(Network([0.1f, 0.2f], [0.25f, 0.25f]).Graph, "normalisation of 2 channels");

    [Theory]
    [InlineData(new[] { 0.25f })]
    [InlineData(new[] { 0.25f, 0.25f, 0f })]
    [InlineData(new[] { 0.25f, float.NaN, 0.25f })]
    public void Deviations_that_are_none_are_refused(float[] deviations) => Refused(Network(s_means, deviations).Graph, "deviations");

    [Fact]
    public void Pixels_that_are_no_image_are_refused()
    {
        var builder = new GraphBuilder("pixels")
        {
            Metadata = new ModelMetadata { NormalizationMean = [0.5f], NormalizationDeviation = [0.25f] },
        };
        builder.Output(builder.Node("image", new Reshape(1, 1, 4, 4), builder.Input("rows", new TensorShape(1, 4, 4))));
        Refused(builder.Build(), "[1,4,4]");
    }

    private static void Refused(Graph graph, string found)
    {
        var diagnostic = Assert.Throws<SubpException>(() => PixelBytes.Of(graph, new Int8Options())).Diagnostic;
        Assert.Equal("SUBP0282", diagnostic.Descriptor.Id);
        Assert.Contains(found, diagnostic.Found, StringComparison.Ordinal);
    }

    // An image and another one of a single channel, with two outputs.
    private static Model Several()
    {
        var builder = new GraphBuilder("several")
        {
            Metadata = new ModelMetadata { NormalizationMean = [0.5f, 0.5f, 0.5f], NormalizationDeviation = [0.25f, 0.25f, 0.25f] },
        };
        var image = builder.Input("image", new TensorShape(1, 3, 8, 8));
        var depth = builder.Input("depth", new TensorShape(1, 1, 8, 8));
        builder.Output(builder.BatchNorm("left", builder.Conv2d("stem", image, 16, Window.Square(3, 1, 1))));
        builder.Output(builder.BatchNorm("right", builder.Conv2d("branch", depth, 16, Window.Square(3, 1, 1))));
        return RandomWeights.For(builder.Build(), 1);
    }

    private static Model Network(float[] means, float[] deviations)
    {
        var builder = new GraphBuilder("pixels")
        {
            Metadata = new ModelMetadata { NormalizationMean = means, NormalizationDeviation = deviations },
        };
        var image = builder.Input("image", new TensorShape(1, 3, 16, 16));
        var stem = builder.BatchNorm("norm", builder.Conv2d("stem", image, 16, Window.Square(3, 1, 1)));
        builder.Output(builder.Node("pool", new GlobalAveragePool(), builder.Node("relu", Activate.Relu, stem)));
        return RandomWeights.For(builder.Build(), 1);
    }
}
