using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests;

/// <summary>Small networks, and inputs that look like images: neighbours alike, channels not independent.</summary>
internal static class Networks
{
    /// <summary>Stem, one residual block with two convolutions, classifier; normalised throughout.</summary>
    public static Model Residual(int seed = 1, int width = 16)
    {
        var builder = new GraphBuilder("residual");
        var image = builder.Input("image", new TensorShape(1, 3, 10, 10));
        var stem = Unit(builder, "stem", image, width, relu: true);
        var inner = Unit(builder, "conv1", stem, 2 * width, relu: true);
        var branch = Unit(builder, "conv2", inner, width, relu: false);
        var sum = builder.Node("relu", Activate.Relu, builder.Node("sum", new Add(), branch, stem));
        var flat = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), sum));
        builder.Output(builder.Linear("classifier", flat, 5));
        return RandomWeights.For(builder.Build(), seed);
    }

    public static string Unit(GraphBuilder builder, string name, string input, int width, bool relu, int kernel = 3)
    {
        var value = builder.BatchNorm($"{name}.norm", builder.Conv2d(name, input, width, Window.Square(kernel, 1, kernel / 2)));
        return relu ? builder.Node($"{name}.relu", Activate.Relu, value) : value;
    }

    /// <summary>Smooth random inputs, one network input each.</summary>
    public static float[][] Images(TensorShape shape, int count, int seed)
    {
        var random = new Random(seed);
        var images = new float[count][];
        for (var image = 0; image < count; image++)
        {
            images[image] = new float[shape.ElementCount];
            double phase = random.NextDouble() * 6,
                slope = random.NextDouble() - 0.5;
            for (var index = 0; index < images[image].Length; index++)
            {
                var (row, column) = (index / shape.Width % shape.Height, index % shape.Width);
                var channel = index / (shape.Width * shape.Height);
                images[image][index] = (float)(
                    Math.Sin(phase + (0.5 * row) + (slope * column) + (0.3 * channel)) + (0.3 * (random.NextDouble() - 0.5))
                );
            }
        }

        return images;
    }
}
