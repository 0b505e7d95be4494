using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Compression.Restoration;

/// <summary>A network while it is changed. What it was made from stays as it is.</summary>
internal sealed class ModelDraft
{
    private readonly List<Parameter> _parameters;
    private readonly List<GraphNode> _nodes;
    private readonly Graph _graph;

    public ModelDraft(Model model)
    {
        _graph = model.Graph;
        // Values that change need other bits than those declared; packing finds them.
        _parameters = [.. model.Graph.Parameters.Select(parameter => parameter with { Bits = null })];
        _nodes = [.. model.Graph.Nodes];
        foreach (var name in model.Weights.Names)
            Weights[name] = model.Weights[name];
    }

    /// <summary>The weights by now. Their arrays may be those of the original: replace them, do not write into them.</summary>
    public WeightSet Weights { get; } = new();

    /// <summary>Gives a weight other values.</summary>
    public void Set(string parameter, float[] values) => Weights[parameter] = new WeightTensor(Weights[parameter].Shape, values);

    /// <summary>Gives a weight other values and declares its blocks.</summary>
    public void Set(string parameter, float[] values, BlockPattern pattern)
    {
        Set(parameter, values);
        var index = _parameters.FindIndex(declared => declared.Name == parameter);
        _parameters[index] = _parameters[index] with { Pattern = pattern };
    }

    /// <summary>Adds to the bias of a convolution or linear layer, which gets one where it has none.</summary>
    public void AddToBias(string layer, IReadOnlyList<double> amounts)
    {
        var index = _nodes.FindIndex(node => node.Name == layer);
        var uses = _nodes[index].Operator.Parameters;
        var name = uses.FirstOrDefault(use => use.Role == "bias").Name ?? DeclareBias(index, uses[0].Name, amounts.Count);
        // Another layer that reads the same bias keeps what it has.
        if (_nodes.Count(node => node.Operator.Parameters.Any(use => use.Name == name)) > 1)
            name = Separate(index, name);
        Set(name, [.. Weights[name].Values.Zip(amounts, (value, amount) => (float)(value + amount))]);
    }

    /// <summary>The network as it is by now.</summary>
    public Model ToModel() => new(_graph.With(parameters: [.. _parameters], nodes: [.. _nodes]), Weights);

    private string DeclareBias(int node, string weight, int channels)
    {
        var name = Unused($"{_nodes[node].Name}.bias");
        var shape = new TensorShape(channels);
        _parameters.Insert(_parameters.FindIndex(declared => declared.Name == weight) + 1, new Parameter(name, shape));
        Weights[name] = new WeightTensor(shape, new float[channels]);
        Rename(node, name);
        return name;
    }

    private string Separate(int node, string bias)
    {
        var name = Unused($"{_nodes[node].Name}.bias");
        var place = _parameters.FindIndex(declared => declared.Name == bias);
        _parameters.Insert(place + 1, _parameters[place] with { Name = name });
        Weights[name] = Weights[bias];
        Rename(node, name);
        return name;
    }

    private void Rename(int node, string bias) =>
        _nodes[node] = _nodes[node] with
        {
            Operator = _nodes[node].Operator switch
            {
                Conv2d convolution => convolution with { Bias = bias },
                Linear linear => linear with { Bias = bias },
                var other => throw new InvalidOperationException($"'{other.Mnemonic}' has no bias."),
            },
        };

    private string Unused(string name)
    {
        while (_parameters.Exists(declared => declared.Name == name))
            name += "_";
        return name;
    }
}
