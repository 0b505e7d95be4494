using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Testing;

/// <summary>A network of one sparse convolution and a classifier, small enough to compile in a moment.</summary>
public static class TinyClassifier
{
    /// <summary>The network with random weights; the same seed gives the same weights.</summary>
    public static Model Build(int seed = 1, int inputChannels = 16)
    {
        var builder = new GraphBuilder("tiny");
        var image = builder.Input("image", new TensorShape(1, inputChannels, 6, 5));
        var pattern = new BlockPattern(
            16,
            inputChannels,
            [
                [0, inputChannels - 1],
                [1, inputChannels / 2],
            ]
        );
        var value = builder.Conv2d("conv", image, 32, Window.Square(3, 1, 1), bias: true, pattern: pattern, activation: Activation.Relu);
        value = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classifier", value, 4));
        return RandomWeights.For(builder.Build(), seed);
    }

    /// <summary>Writes the bundle and returns the path of the .subp file.</summary>
    public static string Write(TemporaryFolder folder, string stem = "tiny", int seed = 1)
    {
        var bundle = ModelBundle.Write(Build(seed));
        File.WriteAllText(folder[stem + ".subp"], bundle.SubpText);
        File.WriteAllBytes(folder[stem + ".safetensors"], bundle.Safetensors);
        return folder[stem + ".subp"];
    }
}
