using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Onnx.Import;

/// <summary>
/// Turns what a file computes on floats between DequantizeLinear and QuantizeLinear into integer layers. It goes by meaning, not by
/// neighbourhood, see <see cref="IntegerPlans"/>.
/// </summary>
internal sealed class IntegerFusion
{
    private readonly Graph _graph;
    private readonly WeightSet _source;
    private readonly IntegerPlans _plans;
    private readonly HashSet<string> _real = new(StringComparer.Ordinal);
    private readonly HashSet<string> _bytes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _byteNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names;
    private readonly GraphBuilder _builder;
    private readonly WeightSet _weights = new();

    private IntegerFusion(Model model, Func<string, float[]?> scalesOf)
    {
        (_graph, _source, _plans) = (model.Graph, model.Weights, new IntegerPlans(model, scalesOf));
        _builder = new GraphBuilder(_graph.Name) { Metadata = _graph.Metadata };
        _names = new HashSet<string>(
            _graph.Nodes.Select(node => node.Name).Concat(_graph.Inputs.Select(input => input.Name)),
            StringComparer.Ordinal
        );
    }

    /// <summary>The network with integer layers; where nothing is quantised, the network itself.</summary>
    /// <param name="model">The imported network.</param>
    /// <param name="scalesOf">The scales with which a parameter was dequantised, one or one for each output, or null.</param>
    public static Model Apply(Model model, Func<string, float[]?> scalesOf)
    {
        if (!model.Graph.Nodes.Any(node => node.Operator is Quantize))
            return model;
        var fusion = new IntegerFusion(model, scalesOf);
        fusion.FindNeeds();
        return fusion.Build();
    }

    // Backwards from the outputs: which values are wanted as numbers, and which as bytes.
    private void FindNeeds()
    {
        foreach (var output in _graph.Outputs)
            Need(output, asBytes: _graph.TypeOf(output).Quantization is not null);
        foreach (var node in _graph.Nodes.Reverse())
        {
            if (_real.Contains(node.Name))
            {
                var readsBytes = node.Operator is Dequantize || _plans.Layers.ContainsKey(node.Name);
                foreach (var input in _plans.LayerOf(node).Inputs)
                    Need(input, readsBytes);
            }

            if (!_bytes.Contains(node.Name))
                continue;
            if (node.Operator is not Quantize)
            {
                foreach (var input in node.Inputs)
                    Need(input, asBytes: true);
            }
            else if (_plans.Results.TryGetValue(node.Name, out var plan))
            {
                foreach (var input in _plans.LayerOf(plan.Core).Inputs)
                    Need(input, asBytes: true);
            }
            else
            {
                Need(
                    node.Inputs[0],
                    _plans.ByteForms.ContainsKey(node.Inputs[0]) || _graph.TypeOf(node.Inputs[0]).Quantization is not null
                );
            }
        }
    }

    private void Need(string value, bool asBytes) => (asBytes ? _bytes : _real).Add(value);

    private Model Build()
    {
        foreach (var input in _graph.Inputs)
            _byteNames[input.Name] = _builder.Input(input.Name, input.Shape, input.Type);
        foreach (var node in _graph.Nodes)
        {
            if (_bytes.Contains(node.Name))
                AddBytes(node);
            if (_real.Contains(node.Name))
                AddReal(node);
        }

        foreach (var output in _graph.Outputs)
            _builder.Output(output);
        return new Model(_builder.Build(), _weights);
    }

    private void AddReal(GraphNode node)
    {
        if (_plans.Layers.TryGetValue(node.Name, out var weight))
        {
            var layer = _plans.LayerOf(node);
            var @operator = Layer(layer, weight, Activation.None);
            _builder.Node(node.Name, @operator, [_byteNames[layer.Inputs[0]]], Layout.Nchw, TensorType.Float32);
            return;
        }

        var renamed = node.Operator.WithParameters(use => Declare(use.Name, _source[use.Name], _graph.Parameter(use.Name).Pattern));
        if (node.Operator is Dequantize)
            AddConversion(node.Name, renamed, TensorType.Float32, _byteNames[node.Inputs[0]]);
        else
            _builder.Node(node.Name, renamed, [.. node.Inputs]);
    }

    private void AddBytes(GraphNode node)
    {
        if (node.Operator is Dequantize)
        {
            _byteNames[node.Name] = _byteNames[node.Inputs[0]];
            return;
        }

        var type = node.Type.Quantization ?? _plans.ByteForms[node.Name];
        var (@operator, inputs, name) = (node.Operator, node.Inputs, node.Name);
        if (_plans.Results.TryGetValue(node.Name, out var plan))
        {
            var core = _plans.LayerOf(plan.Core);
            (inputs, name) = (IntegerForm.Operands(_graph, core), _graph.IsOutput(node.Name) ? node.Name : plan.Core.Name);
            @operator = core.Operator switch
            {
                Add add => add with { Activation = plan.Activation },
                Mul product => product with { Activation = plan.Activation },
                Conv2d or Linear => Layer(core, _plans.Layers[plan.Core.Name], plan.Activation),
                var other => other,
            };
        }
        else if (node.Operator is Quantize)
        {
            var source = inputs[0];
            var known = _plans.ByteForms.GetValueOrDefault(source) ?? _graph.TypeOf(source).Quantization;
            if (known == type && !_graph.IsOutput(node.Name))
            {
                _byteNames[node.Name] = _byteNames[source];
                return;
            }

            _byteNames[node.Name] = AddConversion(name, @operator, new TensorType(type), known is null ? source : _byteNames[source]);
            return;
        }
        else if (_real.Contains(name))
        {
            name = Unused(name + ".bytes");
        }

        _byteNames[node.Name] = _builder.Node(name, @operator, type, [.. inputs.Select(input => _byteNames[input])]);
    }

    // Bytes are made of floats, and floats of bytes, in images and vectors: values of other shapes are vectors in between.
    private string AddConversion(string name, Operator conversion, TensorType type, string source)
    {
        var shape = _builder.ShapeOf(source);
        if (IntegerForm.IsConvertible(shape))
            return _builder.Node(name, conversion, [source], Layout.Nchw, type);
        var rows = shape.Rank > 0 ? shape[0] : 1;
        var vector = _builder.Node(Unused(name + ".vector"), new Reshape(rows, shape.ElementCount / rows), source);
        var converted = _builder.Node(Unused(name + ".converted"), conversion, [vector], Layout.Nchw, type);
        return _builder.Node(name, new Reshape(shape.Dimensions), converted);
    }

    private Operator Layer(GraphNode node, IntegerWeight weight, Activation activation)
    {
        var uses = node.Operator.Parameters;
        var name = uses[0].Name;
        var shape = _source[name].Shape;
        var bytes = Declare(name, WeightTensor.FromSignedBytes(shape, weight.Values), _graph.Parameter(name).Pattern);
        var scale = Declare(bytes + "_scale", new WeightTensor(new TensorShape(shape[0]), weight.Scales), null);
        var bias = weight.Bias is null
            ? null
            : Declare(
                uses.Count > 1 ? uses[1].Name : bytes + "_bias",
                WeightTensor.FromIntegers(new TensorShape(shape[0]), weight.Bias),
                null
            );
        return node.Operator switch
        {
            Conv2d convolution => convolution with { Weight = bytes, WeightScale = scale, Bias = bias, Activation = activation },
            var linear => (Linear)linear with { Weight = bytes, WeightScale = scale, Bias = bias, Activation = activation },
        };
    }

    // A parameter that several nodes read as it is is declared once; integers belong to one layer.
    private string Declare(string name, WeightTensor values, BlockPattern? pattern)
    {
        while (_builder.FindParameter(name) is not null)
        {
            if (ReferenceEquals(_weights[name], values))
                return name;
            name += "_";
        }

        _builder.Parameter(name, values.Shape, values.Element, pattern);
        _weights[name] = values;
        return name;
    }

    private string Unused(string name)
    {
        while (!_names.Add(name))
            name += "_";
        return name;
    }
}
