using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Onnx.Import;

/// <summary>
/// What of a network has a form on bytes, for <see cref="IntegerFusion"/>: a value where it is a dequantised value that was only moved,
/// clamped at zero or joined since; a layer where its input has one and its weight is whole multiples of known scales; a quantisation where
/// what it quantises can be computed of bytes.
/// </summary>
internal sealed class IntegerPlans
{
    private readonly Graph _graph;
    private readonly WeightSet _source;
    private readonly Func<string, float[]?> _scalesOf;
    private readonly Dictionary<string, Quantization> _byteForms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (GraphNode Core, Activation Activation)> _results = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IntegerWeight> _layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (GraphNode Layer, ChannelFactors Factors)> _normalized = new(StringComparer.Ordinal);

    /// <summary>Looks at every node of a network.</summary>
    /// <param name="model">The imported network.</param>
    /// <param name="scalesOf">The scales with which a parameter was dequantised, one or one for each output, or null.</param>
    public IntegerPlans(Model model, Func<string, float[]?> scalesOf)
    {
        (_graph, _source, _scalesOf) = (model.Graph, model.Weights, scalesOf);
        foreach (var node in _graph.Nodes)
            Plan(node);
    }

    /// <summary>What the bytes of a value of numbers are, for those that have any.</summary>
    public IReadOnlyDictionary<string, Quantization> ByteForms => _byteForms;

    /// <summary>Of a quantisation the node that computes its bytes of bytes, and the clamp of its result.</summary>
    public IReadOnlyDictionary<string, (GraphNode Core, Activation Activation)> Results => _results;

    /// <summary>The weights of layers on bytes, by the name of the layer or of the last normalisation that it takes in.</summary>
    public IReadOnlyDictionary<string, IntegerWeight> Layers => _layers;

    /// <summary>The layer that computes a node, which is itself where it is no normalisation that a layer takes in.</summary>
    public GraphNode LayerOf(GraphNode node) => _normalized.TryGetValue(node.Name, out var normalized) ? normalized.Layer : node;

    private void Plan(GraphNode node)
    {
        if (ByteForm(node) is { } form)
            _byteForms[node.Name] = form;
        if (node.Operator is Conv2d or Linear && Weight(node, factors: null) is { } weight)
            _layers[node.Name] = weight;
        if (node.Operator is BatchNorm norm && Normalized(node, norm) is { } normalized)
        {
            if (Weight(normalized.Layer, normalized.Factors) is { } scaled)
                (_normalized[node.Name], _layers[node.Name]) = (normalized, scaled);
        }

        if (node.Operator is not Quantize || _graph.TypeOf(node.Inputs[0]).Quantization is not null)
            return;
        var (value, activation) = (node.Inputs[0], Activation.None);
        while (Before(value, node.Type) is var (clamp, source))
            (activation, value) = (Clamps.Joined(clamp, activation), source);
        if (IsOwn(value) && _graph.FindNode(value) is { } core && CanCompute(core, activation))
            _results[node.Name] = (core, activation);
        else if (IsOwn(node.Inputs[0]) && _graph.FindNode(node.Inputs[0]) is { } clamped && ClampsBytes(clamped, node.Type))
            _results[node.Name] = (clamped, Activation.None);
    }

    // What a clamp clamps. Bytes between two clamps are the same as none where the second ones are of the same quantisation.
    private (Activation Clamp, string Source)? Before(string value, TensorType type) =>
        !IsOwn(value)
            ? null
            : _graph.FindNode(value) switch
            {
                { Operator: Activate { Activation.IsClamp: true } clamp } clamped => (clamp.Activation, clamped.Inputs[0]),
                { Operator: Dequantize } real
                    when IsOwn(real.Inputs[0]) && _graph.FindNode(real.Inputs[0]) is { Operator: Quantize } bytes && bytes.Type == type => (
                    Activation.None,
                    bytes.Inputs[0]
                ),
                _ => null,
            };

    // A clamp of numbers that are bytes of one quantisation before and behind it is a clamp of these bytes.
    private bool ClampsBytes(GraphNode node, TensorType type) =>
        node.Operator is Activate { Activation.IsClamp: true }
        && !_byteForms.ContainsKey(node.Name)
        && HaveByteForms(node)
        && _byteForms[node.Inputs[0]] == type.Quantization
        && IntegerForm.Exists(_graph, node);

    // Scales and bias of the layer before a normalisation take it in, where it alone reads that.
    private (GraphNode Layer, ChannelFactors Factors)? Normalized(GraphNode node, BatchNorm norm)
    {
        var input = node.Inputs[0];
        if (norm.Activation != Activation.None || !IsOwn(input) || !_layers.ContainsKey(input))
            return null;
        var factors = ChannelFactors.Of(norm, _source);
        return _normalized.TryGetValue(input, out var first)
            ? (first.Layer, first.Factors.Then(factors))
            : (_graph.FindNode(input)!, factors);
    }

    private bool IsOwn(string value) => !_graph.IsOutput(value) && _graph.ConsumersOf(value).Count == 1;

    private bool CanCompute(GraphNode core, Activation activation) =>
        core.Operator switch
        {
            Conv2d or Linear or BatchNorm => _layers.ContainsKey(core.Name),
            _ when !IntegerForm.Exists(_graph, core) => false,
            var mean when IntegerLayer.AveragedBy(mean, _graph.ShapeOf(core.Inputs[0])) > IntegerLayer.MostAveraged => false,
            Add { Activation: var own } when own == Activation.None => HaveByteForms(core),
            Mul { Activation: var own } when own == Activation.None => HaveByteForms(core),
            Activate { Activation.IsClamp: false } or Concat or GlobalAveragePool or Pool2d { Kind: PoolKind.Average } => activation
                == Activation.None
                && HaveByteForms(core),
            _ => false,
        };

    private bool HaveByteForms(GraphNode node) => node.Inputs.All(_byteForms.ContainsKey);

    private Quantization? ByteForm(GraphNode node)
    {
        if (node.Operator is Dequantize)
            return _graph.TypeOf(node.Inputs[0]).Quantization;
        if (node.Type.Quantization is not null || node.Inputs.Count == 0 || !HaveByteForms(node))
            return null;
        var first = _byteForms[node.Inputs[0]];
        return ByteMoves.Keeps(_graph, node) && node.Inputs.All(input => _byteForms[input] == first) ? first : null;
    }

    private IntegerWeight? Weight(GraphNode node, ChannelFactors? factors)
    {
        if (node.Inputs.Count != 1 || !_byteForms.TryGetValue(node.Inputs[0], out var input))
            return null;
        var (weight, bias, activation) = node.Operator switch
        {
            Conv2d convolution => (convolution.Weight, convolution.Bias, convolution.Activation),
            var linear => (((Linear)linear).Weight, ((Linear)linear).Bias, ((Linear)linear).Activation),
        };
        return
            activation == Activation.None
            && IntegerForm.Exists(_graph, node)
            && _scalesOf(weight) is { } scales
            && IntegerLayer.SummandsOf(_graph.Parameter(weight)) <= IntegerLayer.MostSummands
            ? IntegerWeight.Find(_source[weight], scales, bias is null ? null : _source[bias].Values, factors, input)
            : null;
    }
}
