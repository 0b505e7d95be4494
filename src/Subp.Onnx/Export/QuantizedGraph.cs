using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Onnx.Export;

/// <summary>
/// A network of bytes as files have it that name quantisation explicitly (QDQ): every operator on floats, between the dequantisation of its
/// inputs and the quantisation of its result; weights and biases as integers that are dequantised.
/// </summary>
internal sealed class QuantizedGraph
{
    private readonly Graph _source;
    private readonly GraphBuilder _builder;
    private readonly UniqueNames _names = new();
    private readonly Dictionary<string, string> _real = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredIntegers> _integers = new(StringComparer.Ordinal);
    private readonly UniqueNames _parameterNames = new();
    private readonly WeightSet _weights;

    private QuantizedGraph(Model model)
    {
        (_source, _weights) = (model.Graph, model.Weights);
        _builder = new GraphBuilder(_source.Name) { Metadata = _source.Metadata };
        foreach (var name in _source.Inputs.Select(input => input.Name).Concat(_source.Nodes.Select(node => node.Name)))
            _names.Reserve(name);
        foreach (var parameter in _source.Parameters)
            _parameterNames.Reserve(parameter.Name);
    }

    /// <summary>Takes a network apart.</summary>
    /// <returns>
    /// The network on floats, and of every parameter that is stored as integers what these stand for.
    /// </returns>
    public static (Graph Graph, IReadOnlyDictionary<string, StoredIntegers> Integers) Expand(Model model)
    {
        var result = new QuantizedGraph(model);
        foreach (var input in model.Graph.Inputs)
            result._builder.Input(input.Name, input.Shape, input.Type);
        foreach (var node in model.Graph.Nodes)
            result.Add(node);
        foreach (var output in model.Graph.Outputs)
            result._builder.Output(output);
        return (result._builder.Build(), result._integers);
    }

    private void Add(GraphNode node)
    {
        switch (node.Operator)
        {
            case Dequantize:
                _builder.Node(node.Name, node.Operator, [.. node.Inputs]);
                return;
            case Quantize:
                _builder.Node(node.Name, node.Operator, node.Type.Quantization!, Real(node.Inputs[0]));
                return;
        }

        var (@operator, declared) = (Float(node), node.Type.Quantization);
        string[] inputs = [.. node.Inputs.Select(Real)];
        if (@operator is Conv2d { RoundedFirst: { } first } convolution)
        {
            // Two roundings: the convolution and the addition are nodes of their own again.
            var alone = convolution with
            {
                RoundedFirst = null,
                Activation = Activation.None,
            };
            var made = _builder.Node(_names.Take($"{node.Name}.made.float"), alone, inputs[0]);
            made = _builder.Node(_names.Take($"{node.Name}.made"), new Quantize(), first, made);
            inputs[0] = _builder.Node(_names.Take($"{node.Name}.made.real"), new Dequantize(), made);
            @operator = new Add { Activation = convolution.Activation };
        }

        if (declared is null)
        {
            _builder.Node(node.Name, @operator, inputs);
            return;
        }

        var name = _builder.Node(_names.Take($"{node.Name}.float"), @operator, inputs);
        _builder.Node(node.Name, new Quantize(), declared, name);
    }

    private Operator Float(GraphNode node)
    {
        var (weight, scale, bias) = node.Operator switch
        {
            Conv2d convolution => (convolution.Weight, convolution.WeightScale, convolution.Bias),
            Linear linear => (linear.Weight, linear.WeightScale, linear.Bias),
            _ => ("", null, null),
        };
        if (scale is null)
        {
            var constant = node.Type.Quantization;
            return node.Operator.WithParameters(use =>
                _source.Parameter(use.Name).Element == ElementType.Float32
                    ? Declare(use.Name)
                    : Declare(new StoredIntegers(use.Name, [constant!.Scale], constant.ZeroPoint))
            );
        }

        var inputScale = _source.TypeOf(node.Inputs[0]).Quantization!.Scale;
        var scales = _weights[scale].Values;
        weight = Declare(new StoredIntegers(weight, scales, 0));
        if (bias is not null)
            bias = Declare(new StoredIntegers(bias, Array.ConvertAll(scales, value => IntegerLayer.SumScale(inputScale, value)), 0));
        return node.Operator switch
        {
            Conv2d convolution => convolution with { Weight = weight, WeightScale = null, Bias = bias },
            var other => (Linear)other with { Weight = weight, WeightScale = null, Bias = bias },
        };
    }

    private string Declare(string name)
    {
        if (_builder.FindParameter(name) is null)
            _builder.Parameter(name, _source.Parameter(name).Shape);
        return name;
    }

    // Integers that several nodes read may stand for other numbers in each, which are parameters of their own in the file.
    private string Declare(StoredIntegers integers)
    {
        if (_integers.FirstOrDefault(known => known.Value.IsSame(integers)).Key is { } same)
            return same;
        var isFirst = _builder.FindParameter(integers.Source) is null;
        var name = isFirst ? integers.Source : _parameterNames.Take(integers.Source);
        _integers[name] = integers;
        return _builder.Parameter(name, _source.Parameter(integers.Source).Shape);
    }

    private string Real(string value)
    {
        if (_source.TypeOf(value).Quantization is null)
            return value;
        if (!_real.TryGetValue(value, out var name))
            _real[value] = name = _builder.Node(_names.Take($"{value}.real"), new Dequantize(), value);
        return name;
    }
}
