using Subp.Compression.Algebra;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Propagation;

/// <summary>
/// Statistics of the inputs of all convolutions and linear layers, found without data: they are carried from the input of the network
/// through every operator, and each batch normalisation puts means and variances right again.
/// </summary>
internal sealed class NetworkStatistics
{
    // Neighbouring pixels of natural images; only an unnormalised first layer needs it, all others fit their own.
    private const double ImageCorrelation = 0.9;

    // Red, green and blue of natural images go together.
    private const double ColourCorrelation = 0.9;

    private readonly Dictionary<string, LayerStatistics> _layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChannelMoments?> _values = new(StringComparer.Ordinal);
    private readonly Model _model;

    private NetworkStatistics(Model model) => _model = model;

    /// <summary>
    /// Takes statistics through a network whose batch normalisations are not folded: those of every layer's input, by the name of the
    /// layer. Layers are missing where the way to them leads through what is not understood.
    /// </summary>
    public static IReadOnlyDictionary<string, LayerStatistics> Propagate(Model model) => Of(model)._layers;

    /// <summary>The statistics of every value of a network; null where the way to it leads through what is not understood.</summary>
    public static IReadOnlyDictionary<string, ChannelMoments?> PropagateValues(Model model) => Of(model)._values;

    private static NetworkStatistics Of(Model model)
    {
        var result = new NetworkStatistics(model);
        foreach (var input in model.Graph.Inputs)
            result._values[input.Name] = OfInput(input.Shape);
        foreach (var node in model.Graph.Nodes)
            result._values[node.Name] = Usable(result.Behind(node));
        return result;
    }

    /// <summary>Pixels that were normalised: mean 0, variance 1.</summary>
    private static ChannelMoments? OfInput(TensorShape shape)
    {
        if (shape.Rank is not (2 or 4))
            return null;
        var covariance = Matrix.Identity(shape.Channels);
        if (shape is { IsImage: true, Channels: 3 })
        {
            for (var index = 0; index < covariance.Values.Length; index++)
                covariance.Values[index] = Math.Max(covariance.Values[index], ColourCorrelation);
        }

        return new ChannelMoments(new double[shape.Channels], covariance) { PixelCorrelation = ImageCorrelation };
    }

    // Functions such as a logarithm are not defined for all of a normal distribution.
    private static ChannelMoments? Usable(ChannelMoments? moments) =>
        moments is not null
        && Array.TrueForAll(moments.Mean, double.IsFinite)
        && Array.TrueForAll(moments.Covariance.Values, double.IsFinite)
            ? moments
            : null;

    private ChannelMoments? Behind(GraphNode node)
    {
        ChannelMoments?[] inputs = [.. node.Inputs.Select(input => _values[input])];
        // A normalisation knows mean and variance whatever is in front of it.
        if (node.Operator is BatchNorm norm)
            return Normalised(norm, inputs[0]);
        // A constant reads no value: it is what it is, for every input, and varies with none of them.
        if (inputs.Length == 0 || Array.Exists(inputs, input => input is null))
            return null;
        var first = inputs[0]!;
        // The channels of a flattened image are runs of features, which only what treats all features alike or knows of the image takes.
        var isFlattened = Array.Exists(inputs, input => input!.Plane != (1, 1));
        if (isFlattened && !(node.Operator is Activate or Linear || (node.Operator is Add or Mul && SamePlanes(inputs))))
            return null;
        return node.Operator switch
        {
            Conv2d or Linear => Filtered(node, inputs),
            Activate activate => ActivationMoments.Apply(first, activate.Activation),
            Add add when SameShapes(node) => ActivationMoments.Apply(
                ValueMoments.Sum(first, inputs[1]!, node.Inputs[0] == node.Inputs[1]),
                add.Activation
            ),
            Mul product when Scales(node) => ActivationMoments.Apply(ValueMoments.Scaled(first, inputs[1]!), product.Activation),
            Mul product when SameShapes(node) => ActivationMoments.Apply(ValueMoments.Product(first, inputs[1]!), product.Activation),
            Concat when JoinsChannels(node) => ValueMoments.Joined([.. inputs.Select(input => input!)], node.Inputs),
            Slice { Axis: 1 } slice => first.Take([
                .. Enumerable.Range(0, node.Shape.Channels).Select(channel => slice.Begin + (channel * slice.Step)),
            ]),
            Slice { Axis: > 1 } => first,
            ChannelShuffle shuffle => first.Take(ShuffleOrder(shuffle, node.Shape.Channels)),
            Pool2d { Kind: PoolKind.Average } pool => ValueMoments.Averaged(first, pool.Window.Kernel),
            // The largest of a window is larger than the mean and varies less; no better estimate is known that needs no data.
            Pool2d => first,
            GlobalAveragePool => ValueMoments.Averaged(first, PlaneOf(node)),
            Flatten => ValueMoments.Flattened(first, _model.Graph.ShapeOf(node.Inputs[0])),
            // A rim of one constant changes the mean near the border only.
            Pad or ChangeLayout when node.Shape.IsImage && node.Shape.Channels == first.Channels => first,
            _ => null,
        };
    }

    private ChannelMoments? Filtered(GraphNode node, ChannelMoments?[] inputs)
    {
        var input = inputs[0]!;
        if (LayerForm.Find(_model.Graph, node, input) is not { } form || !Fits(form, input))
            return null;
        var bank = form.Filters(_model.Weights);
        var correlation = input.PixelCorrelation;
        if (form.Taps > 1 && Normalisation.Of(_model.Graph, node) is { } norm)
            correlation = LayerStatistics.FitPixelCorrelation(bank.TapProducts(input.Covariance), form, norm.Variance(_model.Weights));
        var statistics = new LayerStatistics(form, input, correlation);
        _layers[node.Name] = statistics.Fitted(_model);

        var mean = bank.Mean(input.Mean);
        if (form.Bias is not null)
        {
            for (var channel = 0; channel < mean.Length; channel++)
                mean[channel] += _model.Weights[form.Bias].Values[channel];
        }

        var output = new ChannelMoments(mean, bank.Covariance(input.Covariance, statistics.TapCorrelation))
        {
            PixelCorrelation = correlation,
        };
        if (inputs.Length > 1)
            output = ValueMoments.Sum(output, inputs[1]!, isSame: false);
        return node.Operator switch
        {
            Conv2d convolution => ActivationMoments.Apply(output, convolution.Activation),
            Linear linear => ActivationMoments.Apply(output, linear.Activation),
            _ => output,
        };
    }

    private ChannelMoments? Normalised(BatchNorm norm, ChannelMoments? input)
    {
        var scale = _model.Weights[norm.Scale].Values;
        double[] shift = [.. _model.Weights[norm.Shift].Values.Select(value => (double)value)];
        if (input is null || input.Plane != (1, 1))
            input = ChannelMoments.Uncorrelated(shift, [.. scale.Select(_ => 1.0)]);
        var deviation = input.Variance.Select(variance => Math.Sqrt(Math.Max(variance, 1e-12))).ToArray();
        var covariance = new Matrix(scale.Length, scale.Length);
        for (var row = 0; row < scale.Length; row++)
        {
            for (var column = 0; column < scale.Length; column++)
            {
                var correlation = row == column ? 1 : input.Covariance[row, column] / (deviation[row] * deviation[column]);
                covariance[row, column] = correlation * scale[row] * scale[column];
            }
        }

        return ActivationMoments.Apply(input with { Mean = shift, Covariance = covariance }, norm.Activation);
    }

    private static bool Fits(LayerForm form, ChannelMoments input) =>
        form.Node.Operator is Conv2d ? input.Plane == (1, 1) : input.Plane.Height * input.Plane.Width == form.Taps;

    private static bool SamePlanes(ChannelMoments?[] inputs) =>
        Array.TrueForAll(inputs, input => input!.Plane == inputs[0]!.Plane && input.Channels == inputs[0]!.Channels);

    private bool Scales(GraphNode node) =>
        _model.Graph.ShapeOf(node.Inputs[1]) is { IsImage: true, Height: 1, Width: 1 } gate
        && gate.Channels == node.Shape.Channels
        && _model.Graph.ShapeOf(node.Inputs[0]).Equals(node.Shape)
        && !SameShapes(node);

    private bool SameShapes(GraphNode node) => node.Inputs.All(input => _model.Graph.ShapeOf(input).Equals(node.Shape));

    private bool JoinsChannels(GraphNode node) =>
        node.Inputs.Sum(input => _model.Graph.ShapeOf(input).Channels) == node.Shape.Channels
        && node.Inputs.All(input => _values[input]!.Plane == (1, 1));

    private Extent PlaneOf(GraphNode node)
    {
        var image = _model.Graph.ShapeOf(node.Inputs[0]);
        return new Extent(image.Height, image.Width);
    }

    /// <summary>Which input channel every output channel of a shuffle is.</summary>
    public static int[] ShuffleOrder(ChannelShuffle shuffle, int channels) =>
        [
            .. Enumerable
                .Range(0, channels)
                .Select(channel => (channel % shuffle.Groups * (channels / shuffle.Groups)) + (channel / shuffle.Groups)),
        ];
}
