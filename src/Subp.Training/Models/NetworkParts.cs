using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Models;

/// <summary>The pieces that the published networks share.</summary>
internal static class NetworkParts
{
    /// <summary>Starts a network with one image as input.</summary>
    public static GraphBuilder Start(string name, ModelMetadata metadata, TensorShape image, out string value)
    {
        var builder = new GraphBuilder(name) { Metadata = metadata };
        value = builder.Input("image", image);
        return builder;
    }

    /// <summary>A convolution without bias, its normalisation and, if wanted, ReLU.</summary>
    public static string Unit(
        GraphBuilder builder,
        string name,
        string input,
        int width,
        Window window,
        bool relu,
        int groups = 1,
        bool bias = false
    )
    {
        string value = builder.BatchNorm($"{name}.norm", builder.Conv2d(name, input, width, window, groups, bias));
        return relu ? builder.Node($"{name}.relu", Activate.Relu, value) : value;
    }

    /// <summary>The sum of a branch and its shortcut, and ReLU.</summary>
    public static string Join(GraphBuilder builder, string name, string branch, string shortcut) =>
        builder.Node($"{name}.relu", Activate.Relu, builder.Node($"{name}.add", new Add(), branch, shortcut));

    /// <summary>Global average pooling and the classifier: the end of the network.</summary>
    public static Graph Classify(GraphBuilder builder, string value, int classes)
    {
        value = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classifier", value, classes));
        return builder.Build();
    }
}
