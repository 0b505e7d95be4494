using System.Globalization;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Engines.Embedded.Kernels;
using Subp.Training.Engines.Embedded.Operations;
using Subp.Training.Numerics;

namespace Subp.Training.Tests.Engines;

/// <summary>Every micro kernel against naive loops in double, over shapes that are odd in every respect.</summary>
public unsafe class ConvolutionTests
{
    public static TheoryData<string, int, int, int, int, string, int> Shapes()
    {
        // Input channels, output channels, height, width, "kernel/stride/pad/dilation" as heightxwidth or one number, groups.
        (int, int, int, int, string, int)[] shapes =
        [
            (1, 16, 9, 11, "3/1/1/1", 1),
            (3, 5, 7, 7, "3/2/1/1", 1),
            (16, 32, 6, 5, "3/1/1/1", 1),
            (17, 33, 5, 8, "3/1/0/1", 1),
            (40, 24, 7, 6, "1/1/0/1", 1),
            (32, 64, 7, 7, "1/2/0/1", 1),
            (9, 48, 8, 9, "3/2/1/1", 1),
            (20, 20, 9, 9, "3/1/2/2", 1),
            (6, 12, 9, 10, "5/3/2/1", 1),
            (4, 8, 8, 8, "2/2/0/1", 1),
            (32, 64, 6, 6, "3/1/1/1", 4),
            (24, 24, 7, 7, "3/2/1/1", 24),
            (12, 18, 6, 7, "3/1/1/1", 6),
            (10, 7, 3, 2, "1x2/1/0/1", 1),
            (5, 6, 1, 1, "1/2/0/1", 1),
            // Several parts of the sum, and several groups of tiles.
            (150, 40, 5, 4, "3/1/1/1", 1),
            (40, 530, 3, 3, "3/1/1/1", 1),
            (3, 20, 21, 23, "3/1/1/1", 1),
            (140, 48, 6, 7, "3/2/1/1", 2),
            // Taps that no pixel reads: most of them, in one direction, all of them.
            (20, 24, 1, 1, "3/1/1/1", 1),
            (17, 5, 1, 9, "3/1/1/1", 1),
            (18, 20, 2, 2, "3/2/1/1", 2),
            (6, 8, 1, 1, "2/1/1/2", 1),
        ];
        var data = new TheoryData<string, int, int, int, int, string, int>();
        foreach (var (ci, co, h, w, window, groups) in shapes)
        {
            foreach (string kernel in new[] { "avx512", "avx2", "portable" })
                data.Add(kernel, ci, co, h, w, window, groups);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_and_gradients_agree_with_naive_loops(
        string kernelName,
        int inputChannels,
        int outputChannels,
        int height,
        int width,
        string windowText,
        int groups
    )
    {
        if (Kernels.Find(kernelName) is { } kernel)
            Compare(kernel, isDepthwise: false, inputChannels, outputChannels, height, width, windowText, groups);
    }

    [Theory]
    [InlineData(24, 7, 7, "3/2/1/1")]
    [InlineData(16, 9, 8, "3/1/1/1")]
    [InlineData(33, 12, 13, "3/1/1/1")]
    [InlineData(20, 13, 14, "5/2/2/1")]
    [InlineData(16, 14, 12, "9x1/1/0/1")]
    [InlineData(40, 6, 5, "5/1/2/1")]
    [InlineData(33, 9, 9, "3/1/2/2")]
    [InlineData(5, 8, 8, "2/3/0/1")]
    [InlineData(48, 1, 1, "3/1/1/1")]
    [InlineData(17, 5, 11, "1x4/1/1/1")]
    [InlineData(20, 7, 7, "7/1/0/1")]
    public void Depthwise_products_and_gradients_agree_with_naive_loops(int channels, int height, int width, string windowText) =>
        Compare(MicroKernel.Best, isDepthwise: true, channels, channels, height, width, windowText, channels);

    private static void Compare(
        MicroKernel kernel,
        bool isDepthwise,
        int inputChannels,
        int outputChannels,
        int height,
        int width,
        string windowText,
        int groups
    )
    {
        const int images = 3;
        var window = Parse(windowText);
        var naive = new NaiveConvolution(images, inputChannels, outputChannels, height, width, window, groups);
        var random = new DeterministicRandom(17);
        float[] x = Random(images * inputChannels * height * width, random);
        float[] dy = Random(images * outputChannels * naive.OutputHeight * naive.OutputWidth, random);
        var weight = new TrainedParameter(new ParameterRule("w", new TensorShape(naive.WeightCount), IsTrained: true, Decays: true));
        var bias = new TrainedParameter(new ParameterRule("b", new TensorShape(outputChannels), IsTrained: true, Decays: false));
        Random(naive.WeightCount, random).CopyTo(weight.Values, 0);
        Random(outputChannels, random).CopyTo(bias.Values, 0);

        using var source = new BlockedTensor(images + 1, inputChannels, height, width, needsGradient: true);
        using var target = new BlockedTensor(images + 1, outputChannels, naive.OutputHeight, naive.OutputWidth, needsGradient: true);
        using var team = new WorkerTeam(2);
        using EngineOperation operation = isDepthwise
            ? new DepthwiseOperation(source, target, weight, bias, window) { Name = "conv" }
            : new ConvolutionOperation(source, target, weight, bias, window, groups, kernel) { Name = "conv" };
        var batch = new BatchContext(team, kernel) { Images = images, Pass = PassKind.Training };
        source.Load(x, images);
        operation.Forward(batch);
        float[] y = new float[dy.Length];
        target.Store(target.Values, y, images);
        AssertClose(naive.Forward(x, weight.Values, bias.Values), y);

        using var gradient = new BlockedTensor(images + 1, outputChannels, naive.OutputHeight, naive.OutputWidth, needsGradient: false);
        gradient.Load(dy, images);
        Buffer.MemoryCopy(gradient.Values, target.Gradient, target.PlaneStride * target.Blocks * 4, target.PlaneStride * target.Blocks * 4);
        operation.Backward(batch);
        source.GradientHasContent = true;
        operation.Backward(batch);
        float[] dx = new float[x.Length];
        source.Store(source.Gradient, dx, images);
        // The second pass adds to the first: twice the gradient shows that accumulation works.
        AssertClose([.. naive.InputGradient(dy, weight.Values).Select(value => 2 * value)], dx);
        AssertClose(naive.WeightGradient(x, dy), weight.Gradient);
        AssertClose(naive.BiasGradient(dy), bias.Gradient);
    }

    private static Window Parse(string text)
    {
        string[] parts = text.Split('/');
        int[] kernel = [.. parts[0].Split('x').Select(Number)];
        int stride = Number(parts[1]);
        int dilation = Number(parts[3]);
        return new Window(
            new Extent(kernel[0], kernel[^1]),
            new Extent(stride, stride),
            Padding.All(Number(parts[2])),
            new Extent(dilation, dilation)
        );
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static float[] Random(int length, DeterministicRandom random) =>
        [.. Enumerable.Range(0, length).Select(_ => (float)random.NextGaussian())];

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = expected.Max(Math.Abs) + 1e-6;
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) < 2e-6 * scale + 1e-5, $"[{i}]: expected {expected[i]}, found {actual[i]}");
    }
}
