using Subp.Compression.Propagation;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Calibration;

/// <summary>Statistics of the inputs of all convolutions and linear layers, measured on inputs that need no labels.</summary>
internal static class MeasuredStatistics
{
    /// <summary>Runs the network and measures.</summary>
    public static IReadOnlyDictionary<string, LayerStatistics> Measure(
        Model model,
        IReadOnlyList<float[]> inputs,
        CancellationToken cancellation
    )
    {
        var layers = new Dictionary<string, LayerStatistics>(StringComparer.Ordinal);
        var known = new Dictionary<string, ChannelMoments>(StringComparer.Ordinal);
        var sweep = new NodeSweep(model, inputs, cancellation);
        sweep.Run(node =>
        {
            if (node.Operator is not (Conv2d or Linear))
                return;
            var input = node.Inputs[0];
            var shape = model.Graph.ShapeOf(input);
            if (shape.Rank is not (2 or 4))
                return;
            if (!known.TryGetValue(input, out var moments))
                known[input] = moments = Moments(model.Graph, sweep[input], input);
            if (LayerForm.Find(model.Graph, node, moments) is { } form)
                layers[node.Name] = new LayerStatistics(form, moments, PixelCorrelation(model, form, moments));
        });
        return layers;
    }

    // The features of a flattened image are the pixels of its channels.
    private static ChannelMoments Moments(Graph graph, IReadOnlyList<float[]> values, string value)
    {
        var shape = graph.ShapeOf(value);
        if (graph.FindNode(value) is { Operator: Flatten } flat && graph.ShapeOf(flat.Inputs[0]) is { IsImage: true } image)
            return MeasuredMoments.Of(values, shape, image.Channels) with { Plane = (image.Height, image.Width) };
        return MeasuredMoments.Of(values, shape, shape.Channels);
    }

    private static double PixelCorrelation(Model model, LayerForm form, ChannelMoments input) =>
        form.Taps > 1 && Normalisation.Of(model.Graph, form.Node) is { } norm
            ? LayerStatistics.FitPixelCorrelation(
                form.Filters(model.Weights).TapProducts(input.Covariance),
                form,
                norm.Variance(model.Weights)
            )
            : input.PixelCorrelation;
}
