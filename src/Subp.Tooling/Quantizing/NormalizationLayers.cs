using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Tooling.Quantizing;

/// <summary>
/// Makes layers of the normalisations that could not be folded into one, as those before the convolutions of DenseNet: a factor and a
/// summand for each channel are a depthwise convolution of one tap, which has a form on bytes. One weight for each channel with a scale of
/// its own loses nothing when it is rounded.
/// </summary>
internal static class NormalizationLayers
{
    /// <summary>Replaces the normalisations of images of a network.</summary>
    public static Model Replace(Model model)
    {
        var graph = model.Graph;
        if (!graph.Nodes.Any(node => node is { Operator: BatchNorm, Shape.IsImage: true }))
            return model;
        var builder = new GraphBuilder(graph.Name) { Metadata = graph.Metadata };
        var weights = new WeightSet();
        foreach (var input in graph.Inputs)
            builder.Input(input.Name, input.Shape, input.Type);
        foreach (var node in graph.Nodes)
        {
            var @operator = node is { Operator: BatchNorm norm, Shape.IsImage: true } ? Layer(node, norm) : Kept(node.Operator);
            builder.Node(node.Name, @operator, [.. node.Inputs], node.Layout, node.Type);
        }

        foreach (var output in graph.Outputs)
            builder.Output(output);
        return new Model(builder.Build(), weights);

        Operator Kept(Operator @operator)
        {
            foreach (var use in @operator.Parameters.Where(use => builder.FindParameter(use.Name) is null))
            {
                var parameter = graph.Parameter(use.Name);
                builder.Parameter(parameter.Name, parameter.Shape, parameter.Element, parameter.Pattern);
                weights[use.Name] = model.Weights[use.Name];
            }

            return @operator;
        }

        Conv2d Layer(GraphNode node, BatchNorm norm)
        {
            float[] Of(string name) => model.Weights[name].Values;
            var (scale, shift, mean, variance) = (Of(norm.Scale), Of(norm.Shift), Of(norm.Mean), Of(norm.Variance));
            var channels = scale.Length;
            var (factors, summands) = (new float[channels], new float[channels]);
            for (var channel = 0; channel < channels; channel++)
            {
                var factor = scale[channel] / Math.Sqrt((double)variance[channel] + norm.Epsilon);
                factors[channel] = (float)factor;
                summands[channel] = (float)(shift[channel] - (mean[channel] * factor));
            }

            return new Conv2d
            {
                Weight = Declared($"{node.Name}.factor", new TensorShape(channels, 1, 1, 1), factors),
                Bias = Declared($"{node.Name}.summand", new TensorShape(channels), summands),
                Window = Window.Square(1),
                Groups = channels,
                Activation = norm.Activation,
            };
        }

        string Declared(string name, TensorShape shape, float[] values)
        {
            while (builder.FindParameter(name) is not null || graph.Parameters.Any(parameter => parameter.Name == name))
                name += "_";
            weights[name] = new WeightTensor(shape, values);
            return builder.Parameter(name, shape);
        }
    }
}
