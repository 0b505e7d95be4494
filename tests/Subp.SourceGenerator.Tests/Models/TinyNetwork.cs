using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.SourceGenerator.Tests.Models;

/// <summary>A network with a dense stem, one block-sparse convolution and a head: small, and with a layer to report.</summary>
internal static class TinyNetwork
{
    /// <summary>The structure.</summary>
    /// <param name="name">The name of the network.</param>
    /// <param name="classes">The outputs of the head.</param>
    public static Graph Build(string name = "tiny", int classes = 3)
    {
        var builder = new GraphBuilder(name);
        var value = builder.Input("image", new TensorShape(1, 1, 8, 8));
        value = builder.Conv2d("stem", value, 16, Window.Square(3, padding: 1), bias: true, activation: Activation.Relu);
        value = builder.Conv2d(
            "body",
            value,
            32,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: new BlockPattern(
                16,
                16,
                [
                    [0, 3, 7],
                    [1, 2, 15],
                ]
            )
        );
        value = builder.Node("flat", new Flatten(), builder.Node("mean", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("head", value, classes));
        return builder.Build();
    }

    /// <summary>The two files of the network with random weights.</summary>
    public static ModelBundle Bundle(int seed = 1, string name = "tiny") => ModelBundle.Write(Model(seed, name));

    /// <summary>The network with random weights.</summary>
    public static Model Model(int seed = 1, string name = "tiny") => RandomWeights.For(Build(name), seed);
}
