using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>A network while a pass changes its values: nodes, parameters and weights, and in the end what of them is still read.</summary>
/// <param name="model">The network before the pass.</param>
internal sealed class NetworkEdit(Model model)
{
    private readonly List<Parameter> _parameters = [.. model.Graph.Parameters];
    private readonly Dictionary<string, WeightTensor> _weights = model.Weights.Names.ToDictionary(
        name => name,
        name => model.Weights[name],
        StringComparer.Ordinal
    );

    /// <summary>The nodes of the changed network, in order.</summary>
    public List<GraphNode> Nodes { get; } = [];

    /// <summary>The values of a parameter as they are by now.</summary>
    public WeightTensor this[string parameter]
    {
        get => _weights[parameter];
        set => _weights[parameter] = value;
    }

    /// <summary>Whether a node of the network reads a parameter that another one reads too.</summary>
    public bool SharesParameters(GraphNode node) =>
        node.Operator.Parameters.Any(use =>
            model.Graph.Nodes.Count(other => other.Operator.Parameters.Any(read => read.Name == use.Name)) > 1
        );

    /// <summary>Gives a layer a bias and returns its name; a new one stands behind the weight.</summary>
    /// <param name="layer">The name of the layer.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="bias">The bias that the layer has, or null.</param>
    /// <param name="values">The values.</param>
    public string SetBias(string layer, string weight, string? bias, float[] values)
    {
        var shape = new TensorShape(values.Length);
        if (bias is null)
        {
            bias = $"{layer}.bias";
            while (_parameters.Any(parameter => parameter.Name == bias))
                bias += "_";
            _parameters.Insert(_parameters.FindIndex(parameter => parameter.Name == weight) + 1, new Parameter(bias, shape));
        }

        _weights[bias] = new WeightTensor(shape, values);
        return bias;
    }

    /// <summary>The changed network, without the parameters that nothing reads any more.</summary>
    /// <param name="outputs">The outputs, by the names that they have now.</param>
    public Model Finish(IEnumerable<string> outputs)
    {
        var used = Nodes.SelectMany(node => node.Operator.Parameters).Select(use => use.Name).ToHashSet(StringComparer.Ordinal);
        Parameter[] parameters = [.. _parameters.Where(parameter => used.Contains(parameter.Name))];
        var weights = new WeightSet();
        foreach (var parameter in parameters)
            weights[parameter.Name] = _weights[parameter.Name];
        return new Model(model.Graph.With(parameters: parameters, nodes: Nodes, outputs: [.. outputs]), weights);
    }
}
