using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Numerics;

namespace Subp.Training.TorchSharp.Tests.Engines;

/// <summary>
/// A network whose sums of rounded numbers are the same in whatever order they are added, so that two engines which round alike have the
/// same bits: steps of inputs and weights are powers of two, and the classifier hands each value of the convolution on by itself.
/// </summary>
internal static class ExactSums
{
    private const int Channels = 4;
    private const int Pixels = 9;

    /// <summary>The number of outputs.</summary>
    public const int Classes = Channels * Pixels;

    public static (Graph Graph, WeightSet Weights, float[] Images) Create(int weightBits)
    {
        var builder = new GraphBuilder("exact");
        string x = builder.Input("x", new TensorShape(1, 2, 3, 3));
        x = builder.Node("flat", new Flatten(), builder.Conv2d("conv", x, Channels, Window.Square(3, 1, 1)));
        builder.Output(builder.Linear("fc", x, Classes));
        var graph = builder.Build();

        var random = new DeterministicRandom(11);
        float[] images = [.. Enumerable.Range(0, 2 * Pixels).Select(_ => random.NextInt32(256) / 64f)];
        (images[0], images[1]) = (0, 255 / 64f);
        // The largest weight of each filter is the largest byte; half of the others lie in the middle between two bytes.
        int largest = new ByteRounding(weightBits).LargestWeight;
        float[] taps = [.. Enumerable.Range(0, Channels * 18).Select(_ => (random.NextInt32((4 * largest) - 1) - (2 * largest) + 1) / 64f)];
        for (int filter = 0; filter < Channels; filter++)
            taps[(filter * 18) + filter] = largest / 32f;

        var weights = new WeightSet { ["conv.weight"] = new WeightTensor(graph.Parameter("conv.weight").Shape, taps) };
        float[] identity = new float[Classes * Classes];
        for (int i = 0; i < Classes; i++)
            identity[i * (Classes + 1)] = 1;
        weights["fc.weight"] = new WeightTensor(graph.Parameter("fc.weight").Shape, identity);
        weights["fc.bias"] = new WeightTensor(new TensorShape(Classes), new float[Classes]);
        return (graph, weights, images);
    }
}
