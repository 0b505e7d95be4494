using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Training.Channels;

/// <summary>Which channels of a class come in which order: all of them for a new order, fewer to remove the others.</summary>
/// <param name="Class">The class.</param>
/// <param name="Channels">The channels that stay, in their new order.</param>
public sealed record ChannelSelection(ChannelClass Class, IReadOnlyList<int> Channels)
{
    /// <summary>The values of a parameter with the selected channels along the dimension of a carrier.</summary>
    /// <param name="values">The values, in the order of the shape.</param>
    /// <param name="shape">The shape before.</param>
    /// <param name="carrier">How the parameter carries the channels.</param>
    /// <exception cref="ArgumentException">The values do not belong to the shape.</exception>
    public float[] Gather(ReadOnlySpan<float> values, TensorShape shape, ChannelCarrier carrier)
    {
        if (values.Length != shape.ElementCount)
            throw new ArgumentException($"A shape {shape} and {values.Length} values do not belong together.");

        int rows = carrier.Dimension == 0 ? 1 : shape[0];
        int entry = carrier.Repeat;
        for (int dimension = carrier.Dimension + 1; dimension < shape.Rank; dimension++)
            entry *= shape[dimension];

        var gathered = new float[rows * Channels.Count * entry];
        for (int row = 0; row < rows; row++)
        {
            for (int index = 0; index < Channels.Count; index++)
            {
                values
                    .Slice(((row * Class.Channels) + Channels[index]) * entry, entry)
                    .CopyTo(gathered.AsSpan(((row * Channels.Count) + index) * entry, entry));
            }
        }

        return gathered;
    }

    /// <summary>The shape of a parameter with the selected channels.</summary>
    public TensorShape Narrow(TensorShape shape, ChannelCarrier carrier)
    {
        int[] dimensions = [.. shape.Dimensions];
        dimensions[carrier.Dimension] = Channels.Count * carrier.Repeat;
        return new TensorShape(dimensions);
    }

    /// <summary>A network with the selected channels of some classes, without block patterns on the parameters that carry them.</summary>
    public static Model Apply(Model model, IReadOnlyList<ChannelSelection> selections)
    {
        var shapes = model.Graph.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter, StringComparer.Ordinal);
        var weights = new WeightSet();
        foreach (string name in model.Weights.Names)
            weights[name] = model.Weights[name];
        foreach (var selection in selections)
        {
            foreach (var carrier in selection.Class.Carriers)
            {
                var tensor = weights[carrier.Parameter];
                var shape = selection.Narrow(tensor.Shape, carrier);
                weights[carrier.Parameter] = new WeightTensor(shape, selection.Gather(tensor.Values, tensor.Shape, carrier));
                shapes[carrier.Parameter] = new Parameter(carrier.Parameter, shape);
            }
        }

        return new Model(Rebuild(model.Graph, shapes), weights);
    }

    // The shapes of all values follow from those of the parameters.
    private static Graph Rebuild(Graph graph, Dictionary<string, Parameter> parameters)
    {
        var builder = new GraphBuilder(graph.Name) { Metadata = graph.Metadata };
        foreach (var input in graph.Inputs)
            builder.Input(input.Name, input.Shape);
        foreach (var parameter in graph.Parameters)
            builder.Parameter(parameter.Name, parameters[parameter.Name].Shape, parameters[parameter.Name].Pattern);
        foreach (var node in graph.Nodes)
        {
            var @operator =
                node.Operator is Conv2d { Groups: > 1 } depthwise && depthwise.Groups == node.Shape.Channels
                    ? depthwise with
                    {
                        Groups = parameters[depthwise.Weight].Shape[0],
                    }
                    : node.Operator;
            builder.Node(node.Name, @operator, node.Inputs, node.Layout);
        }

        foreach (string output in graph.Outputs)
            builder.Output(output);
        return builder.Build();
    }
}
