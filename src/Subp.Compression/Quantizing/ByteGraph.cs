using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Quantizing;

/// <summary>
/// Builds the network of bytes beside the network of floats: every value has up to two names, one for its bytes and one for its numbers,
/// and a conversion is put between them where a reader wants the other.
/// </summary>
internal sealed class ByteGraph(Model source, IReadOnlyDictionary<string, ValueFacts> facts, Int8Options options)
{
    private const float PixelScale = 1 / 255f;

    private readonly GraphBuilder _builder = new(source.Graph.Name) { Metadata = source.Graph.Metadata };
    private readonly WeightSet _weights = new();
    private readonly Dictionary<string, string> _bytes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _real = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Image, float[] Factors, double[] Shifts)> _pixels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(
        source.Graph.Inputs.Select(input => input.Name).Concat(source.Graph.Nodes.Select(node => node.Name)),
        StringComparer.Ordinal
    );

    /// <summary>Declares an input of floats.</summary>
    public void Input(GraphInput input) => _real[input.Name] = _builder.Input(input.Name, input.Shape);

    /// <summary>Declares an input of bytes.</summary>
    public void ByteInput(GraphInput input) =>
        _bytes[input.Name] = _builder.Input(input.Name, input.Shape, new TensorType(options.InputQuantization!));

    /// <summary>Declares an input of pixels, of which a depthwise layer of one tap makes what those who read the input expect.</summary>
    public void PixelInput(GraphInput input, PixelNormalization pixels) =>
        _pixels[input.Name] = (
            _builder.Input(input.Name, input.Shape, new TensorType(new Quantization(PixelScale, 0))),
            [.. pixels.Deviations.Select(deviation => 1 / deviation)],
            [.. pixels.Means.Select((mean, channel) => -(double)mean / pixels.Deviations[channel])]
        );

    /// <summary>Adds a node that computes on floats.</summary>
    public void Float(GraphNode node)
    {
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var use in node.Operator.Parameters)
        {
            var weight = source.Weights[use.Name];
            renamed[use.Name] = Declare(use.Name, weight.Shape, weight.Element, source.Graph.Parameter(use.Name).Pattern, weight);
        }

        var @operator = node.Operator.WithParameters(use => renamed.GetValueOrDefault(use.Name, use.Name));
        _real[node.Name] = _builder.Node(node.Name, @operator, [.. node.Inputs.Select(Real)], Layout.Nchw);
    }

    /// <summary>Adds a node that computes on bytes and whose operator says what the result is.</summary>
    public Quantization Moved(GraphNode node)
    {
        var name = BytesName(node);
        _bytes[node.Name] = _builder.Node(name, node.Operator, [.. node.Inputs.Select(Bytes)], Layout.Nchw);
        return _builder.TypeOf(name).Quantization!;
    }

    /// <summary>Adds a node that computes on bytes and has no weights.</summary>
    public Quantization Computed(GraphNode node)
    {
        var quantization = facts[node.Name].Range.ToQuantization();
        _bytes[node.Name] = _builder.Node(
            BytesName(node),
            node.Operator,
            quantization,
            [.. IntegerForm.Operands(source.Graph, node).Select(Bytes)]
        );
        return quantization;
    }

    /// <summary>Adds a convolution or linear layer on bytes.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="returnsFloat">Whether its result stays float.</param>
    /// <returns>What the bytes of the result stand for, and the error of the weight.</returns>
    public (Quantization? Result, double WeightError) Layer(GraphNode node, bool returnsFloat)
    {
        var (weight, bias) = node.Operator switch
        {
            Conv2d convolution => (convolution.Weight, convolution.Bias),
            Linear linear => (linear.Weight, linear.Bias),
            var other => throw new InvalidOperationException($"'{other.Mnemonic}' has no weight."),
        };
        string[] inputs = [.. node.Inputs.Select(Bytes)];
        var values = source.Weights[weight].Values;
        var outputs = source.Weights[weight].Shape[0];
        var real = bias is null ? new double[outputs] : Array.ConvertAll(source.Weights[bias].Values, value => (double)value);
        var inputScale = _builder.TypeOf(inputs[0]).Quantization!.Scale;
        var grid = GridValues.Find(new Parameter(weight, source.Weights[weight].Shape), source.Weights[weight]);
        grid = grid?.Bits <= options.WeightBits ? grid : null;
        var rounded = WeightBytes.Round(values, grid, real, inputScale, options.WeightBits);
        if (options.CorrectsBias && facts[node.Inputs[0]].Mean is { } means)
            rounded = WeightBytes.Round(
                values,
                grid,
                Corrected(node, real, values, rounded.ToFloats(), means),
                inputScale,
                options.WeightBits
            );

        var shape = source.Weights[weight].Shape;
        var pattern = source.Graph.Parameter(weight).Pattern;
        weight = Declare(weight, shape, ElementType.Int8, pattern, WeightTensor.FromSignedBytes(shape, rounded.Values));
        var scale = Declare(
            weight + "_scale",
            new TensorShape(outputs),
            ElementType.Float32,
            null,
            new WeightTensor(new TensorShape(outputs), rounded.Scales)
        );
        bias = Declare(
            bias ?? node.Name + ".bias",
            new TensorShape(outputs),
            ElementType.Int32,
            null,
            WeightTensor.FromIntegers(new TensorShape(outputs), rounded.Bias)
        );
        Operator @operator = node.Operator switch
        {
            Conv2d convolution => convolution with { Weight = weight, WeightScale = scale, Bias = bias },
            var linear => (Linear)linear with { Weight = weight, WeightScale = scale, Bias = bias },
        };
        var error = RelativeError(values, rounded.ToFloats());
        if (returnsFloat)
        {
            _real[node.Name] = _builder.Node(node.Name, @operator, inputs, Layout.Nchw, TensorType.Float32);
            return (null, error);
        }

        var quantization = facts[node.Name].Range.ToQuantization();
        _bytes[node.Name] = _builder.Node(BytesName(node), @operator, quantization, inputs);
        return (quantization, error);
    }

    /// <summary>The finished network.</summary>
    public Model Finish()
    {
        foreach (var output in source.Graph.Outputs)
            _builder.Output(Real(output));
        return new Model(_builder.Build(), _weights);
    }

    // The mean of each input, times what rounding changed in the weights that read it.
    private static double[] Corrected(GraphNode node, double[] bias, float[] weight, float[] rounded, double[] means)
    {
        var outputs = bias.Length;
        var perOutput = weight.Length / outputs;
        var (groups, taps) = node.Operator is Conv2d convolution
            ? (convolution.Groups, convolution.Window.Kernel.Height * convolution.Window.Kernel.Width)
            : (1, 1);
        var inputsPerGroup = perOutput / taps;
        if (means.Length != inputsPerGroup * groups)
            return bias;
        var corrected = new double[outputs];
        for (var output = 0; output < outputs; output++)
        {
            var first = output / (outputs / groups) * inputsPerGroup;
            double added = 0;
            for (var index = 0; index < perOutput; index++)
            {
                var place = (output * perOutput) + index;
                added += ((double)rounded[place] - weight[place]) * means[first + (index / taps)];
            }

            corrected[output] = bias[output] - added;
        }

        return corrected;
    }

    private static double RelativeError(float[] exact, float[] rounded)
    {
        double error = 0,
            length = 0;
        for (var index = 0; index < exact.Length; index++)
        {
            error += Math.Pow((double)rounded[index] - exact[index], 2);
            length += Math.Pow(exact[index], 2);
        }

        return length > 0 ? Math.Sqrt(error / length) : 0;
    }

    private string Bytes(string value)
    {
        if (!_bytes.ContainsKey(value) && _pixels.ContainsKey(value))
            _bytes[value] = BytesOfPixels(value);
        if (!_bytes.TryGetValue(value, out var name))
        {
            var quantization =
                source.Graph.IsInput(value) && options.ArePixels(value) && options.InputQuantization is { } given
                    ? given
                    : facts[value].Range.ToQuantization();
            _bytes[value] = name = _builder.Node(Unused(value + ".bytes"), new Quantize(), quantization, _real[value]);
        }

        return name;
    }

    // The weights lose nothing, being one number a channel, and the bias is rounded to less than a hundredth of a pixel.
    private string BytesOfPixels(string value)
    {
        var (image, factors, shifts) = _pixels[value];
        var rounded = WeightBytes.Round(factors, null, shifts, PixelScale, bits: 8);
        var (weights, perChannel) = (new TensorShape(factors.Length, 1, 1, 1), new TensorShape(factors.Length));
        string Parameter(string role, TensorShape shape, ElementType element, WeightTensor values) =>
            Declare($"{value}.normalized.{role}", shape, element, null, values);
        var layer = new Conv2d
        {
            Window = Window.Square(1),
            Weight = Parameter("weight", weights, ElementType.Int8, WeightTensor.FromSignedBytes(weights, rounded.Values)),
            WeightScale = Parameter("weight_scale", perChannel, ElementType.Float32, new WeightTensor(perChannel, rounded.Scales)),
            Bias = Parameter("bias", perChannel, ElementType.Int32, WeightTensor.FromIntegers(perChannel, rounded.Bias)),
            Groups = factors.Length,
        };
        return _builder.Node(Unused(value + ".normalized"), layer, facts[value].Range.ToQuantization(), image);
    }

    // Readers that stay float get the numbers of pixels, which the bytes of the network's input would round.
    private string RealPixels(string value)
    {
        var (image, factors, shifts) = _pixels[value];
        var (weights, perChannel) = (new TensorShape(factors.Length, 1, 1, 1), new TensorShape(factors.Length));
        var layer = new Conv2d
        {
            Window = Window.Square(1),
            Weight = Declare($"{value}.real.weight", weights, ElementType.Float32, null, new WeightTensor(weights, factors)),
            Bias = Declare(
                $"{value}.real.bias",
                perChannel,
                ElementType.Float32,
                null,
                new WeightTensor(perChannel, Array.ConvertAll(shifts, shift => (float)shift))
            ),
            Groups = factors.Length,
        };
        return _builder.Node(Unused(value + ".real"), layer, _builder.Node(Unused(value + ".pixels"), new Dequantize(), image));
    }

    private string Real(string value)
    {
        if (!_real.ContainsKey(value) && _pixels.ContainsKey(value))
            _real[value] = RealPixels(value);
        if (!_real.TryGetValue(value, out var name))
            _real[value] = name = _builder.Node(
                source.Graph.IsOutput(value) ? value : Unused(value + ".real"),
                new Dequantize(),
                _bytes[value]
            );
        return name;
    }

    // An output of the network keeps its name for its numbers.
    private string BytesName(GraphNode node) => source.Graph.IsOutput(node.Name) ? Unused(node.Name + ".bytes") : node.Name;

    private string Unused(string name)
    {
        while (!_names.Add(name))
            name += "_";
        return name;
    }

    // Two layers that share a weight have scales of their own, and so bytes of their own.
    private string Declare(string name, TensorShape shape, ElementType element, Core.Sparsity.BlockPattern? pattern, WeightTensor values)
    {
        while (_builder.FindParameter(name) is { } declared)
        {
            if (element == ElementType.Float32 && declared.Element == element && ReferenceEquals(_weights[name], values))
                return name;
            name += "_";
        }

        _builder.Parameter(name, shape, element, pattern);
        _weights[name] = values;
        return name;
    }
}
