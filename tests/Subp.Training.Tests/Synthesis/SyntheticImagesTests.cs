using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines.Embedded;
using Subp.Training.Synthesis;
using Subp.Training.Tests.Engines;

namespace Subp.Training.Tests.Synthesis;

public sealed class SyntheticImagesTests
{
    [Fact]
    public void The_statistics_of_the_network_come_near()
    {
        var options = new SynthesisOptions { Images = 21, Steps = 80 };
        var distances = new List<double>();
        var images = SyntheticImages.Create(Model("residual"), options, (_, distance) => distances.Add(distance));
        Assert.Equal(options.Images, images.Count);
        Assert.All(images, image => Assert.Equal(9 * 8, image.Length));
        Assert.Equal(options.Steps, distances.Count);
        Assert.InRange(distances[^1], 0, 0.4 * distances[0]);
    }

    [Fact]
    public void The_network_sees_the_classes_in_turn()
    {
        // A network that nobody trained can see some of seven classes only, and these if they count for more.
        Assert.InRange(ShareRight(300), ShareRight(0) + 0.2, 1);
    }

    [Fact]
    public void They_are_the_same_for_any_number_of_threads_and_others_for_another_seed()
    {
        var model = Model("plain");
        var options = new SynthesisOptions
        {
            Images = 9,
            Steps = 5,
            Threads = 1,
        };
        var images = SyntheticImages.Create(model, options);
        Assert.Equal(images, SyntheticImages.Create(model, options with { Threads = 3 }));
        Assert.NotEqual(images, SyntheticImages.Create(model, options with { Seed = 2 }));
    }

    [Fact]
    public void Smoothness_makes_neighbours_alike()
    {
        var model = Model("residual");
        var options = new SynthesisOptions { Images = 8, Steps = 40 };
        double Roughness(float smoothness) =>
            SyntheticImages
                .Create(model, options with { Smoothness = smoothness })
                .Sum(image =>
                    Enumerable
                        .Range(0, 9)
                        .Sum(row =>
                            Enumerable.Range(0, 7).Sum(column => Math.Pow(image[(row * 8) + column + 1] - image[(row * 8) + column], 2))
                        )
                );
        Assert.InRange(Roughness(3), 0, 0.5 * Roughness(0));
    }

    [Fact]
    public void A_network_without_normalisations_or_without_gradients_is_refused()
    {
        var builder = new GraphBuilder("bare");
        builder.Output(builder.Conv2d("conv", builder.Input("x", new TensorShape(1, 3, 4, 4)), 16, Window.Square(4)));
        var bare = builder.Build();
        Assert.Equal("SUBP0531", Refused(bare));

        builder = new GraphBuilder("smooth");
        var norm = builder.BatchNorm("norm", builder.Conv2d("conv", builder.Input("x", new TensorShape(1, 3, 4, 4)), 16, Window.Square(4)));
        builder.Output(builder.Node("sigmoid", new Activate(Activation.Sigmoid), norm));
        Assert.Equal("SUBP0508", Refused(builder.Build()));

        static string Refused(Graph graph) =>
            Assert
                .Throws<SubpException>(() =>
                    SyntheticImages.Create(new Model(graph, TestNetworks.Data(graph, 1).Weights), new SynthesisOptions { Images = 2 })
                )
                .Diagnostic.Descriptor.Id;
    }

    [Theory]
    [InlineData(1, 250)]
    [InlineData(224, 32)]
    public void Large_networks_get_fewer(int extent, int count)
    {
        var builder = new GraphBuilder("count");
        builder.Output(builder.Conv2d("conv", builder.Input("x", new TensorShape(2, 64, extent, extent)), 1024, Window.Square(3, 1, 1)));
        Assert.Equal(count, SyntheticImages.CountFor(builder.Build()));
    }

    private static double ShareRight(float classShare)
    {
        var model = Model("residual");
        var images = SyntheticImages.Create(model, new SynthesisOptions { Images = 21, ClassShare = classShare });
        using var engine = new EmbeddedEngine(TestNetworks.Request(model.Graph, model.Weights, images.Count, threads: 1));
        var outputs = new float[images.Count * 7];
        engine.Predict(images.SelectMany(image => image).ToArray(), images.Count, outputs);
        return Enumerable
            .Range(0, images.Count)
            .Average(image => outputs.AsSpan(image * 7, 7).ToArray().Index().MaxBy(output => output.Item).Index == image % 7 ? 1.0 : 0);
    }

    private static Model Model(string network)
    {
        var graph = TestNetworks.All[network]();
        return new Model(graph, TestNetworks.Data(graph, 1).Weights);
    }
}
