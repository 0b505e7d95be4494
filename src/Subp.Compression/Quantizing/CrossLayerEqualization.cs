using Subp.Compression.Propagation;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Quantizing;

/// <summary>
/// Cross-layer equalisation (DFQ, arXiv 1906.04721): a channel between two layers may be scaled by any positive number in the first if the
/// second divides by it, since a ReLU between them lets the number through. It is chosen so that the weights which make the channel reach
/// as far as those that read it; channels then fill their common range evenly.
/// </summary>
public static class CrossLayerEqualization
{
    private const int MostRounds = 20;
    private const double Still = 1e-3;

    // A channel that hardly matters to one side would otherwise be scaled out of the range of single precision.
    private const double LargestFactor = 1e4;

    /// <summary>The network with equalised channels; it computes the same.</summary>
    /// <param name="model">The network; batch normalisations may be there or folded. It is not changed.</param>
    public static Model Apply(Model model)
    {
        var graph = model.Graph;
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
        {
            var tensor = model.Weights[name];
            weights[name] = new WeightTensor(tensor.Shape, [.. tensor.Values]);
        }

        Pair[] pairs = [.. graph.Nodes.Select(node => Find(graph, node)).OfType<Pair>()];
        for (var round = 0; round < MostRounds; round++)
        {
            double change = 0;
            foreach (var pair in pairs)
                change = Math.Max(change, Equalize(graph, weights, pair));
            if (change < Still)
                break;
        }

        return model with
        {
            Weights = weights,
        };
    }

    // The layer that alone reads what a layer makes, through nothing but what a positive factor passes.
    private static Pair? Find(Graph graph, GraphNode first)
    {
        if (LayerForm.Find(graph, first) is null || first.Inputs.Count > 1 || !Passes(graph, first))
            return null;
        var value = first.Name;
        BatchNorm? norm = null;
        while (!graph.IsOutput(value) && graph.ConsumersOf(value) is [var reader])
        {
            if (reader.Operator is BatchNorm found && value == first.Name && PassesClamp(found.Activation))
                norm = found;
            else if (
                LayerForm.Find(graph, reader) is not null
                && reader.Inputs.Count(input => input == value) == 1
                && reader.Inputs[0] == value
            )
                return AreOwn(graph, first, reader, norm) ? new Pair(first, norm, reader) : null;
            else if (!Passes(graph, reader))
                return null;
            value = reader.Name;
        }

        return null;
    }

    private static bool Passes(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Activate activate => PassesClamp(activate.Activation),
            Conv2d convolution => PassesClamp(convolution.Activation),
            Linear linear => PassesClamp(linear.Activation),
            Pool2d or GlobalAveragePool => true,
            Flatten => graph.ShapeOf(node.Inputs[0]) is { IsImage: true, Height: 1, Width: 1 },
            _ => false,
        };

    private static bool PassesClamp(Activation activation) => activation == Activation.None || activation == Activation.Relu;

    private static bool AreOwn(Graph graph, GraphNode first, GraphNode second, BatchNorm? norm) =>
        first
            .Operator.Parameters.Concat(second.Operator.Parameters)
            .Concat(norm?.Parameters ?? [])
            .All(use => graph.Nodes.Count(node => node.Operator.Parameters.Any(other => other.Name == use.Name)) == 1)
        && (second.Operator is not Conv2d { Groups: > 1 } convolution || graph.Parameter(convolution.Weight).Shape[1] == 1);

    private static double Equalize(Graph graph, WeightSet weights, Pair pair)
    {
        var (first, second) = (LayerForm.Find(graph, pair.First)!, LayerForm.Find(graph, pair.Second)!);
        float[] made = weights[first.Weight].Values,
            read = weights[second.Weight].Values;
        double[] made2 = Factors(weights, pair.Norm, first.Outputs),
            read2 = Factors(weights, Normalisation.Of(graph, pair.Second)?.Operator, second.Outputs);
        var (perOutput, perReader) = (made.Length / first.Outputs, read.Length / second.Outputs);
        var taps = read.Length / (second.Outputs * graph.Parameter(second.Weight).Shape[1]);
        double change = 0;
        for (var channel = 0; channel < first.Outputs; channel++)
        {
            double reach = 0,
                readReach = 0;
            foreach (var value in made.AsSpan(channel * perOutput, perOutput))
                reach = Math.Max(reach, Math.Abs(value * made2[channel]));
            foreach (var (output, start) in Readers(second, channel, perReader, taps))
            {
                foreach (var value in read.AsSpan(start, taps))
                    readReach = Math.Max(readReach, Math.Abs(value * read2[output]));
            }

            if (reach <= 0 || readReach <= 0)
                continue;
            var factor = Math.Clamp(Math.Sqrt(reach * readReach) / reach, 1 / LargestFactor, LargestFactor);
            change = Math.Max(change, Math.Abs(Math.Log(factor)));
            ScaleMaker(weights, first, pair.Norm, channel, perOutput, factor);
            foreach (var (_, start) in Readers(second, channel, perReader, taps))
                Scale(read.AsSpan(start, taps), 1 / factor);
        }

        return change;
    }

    // The output and the first weight of everything that reads a channel.
    private static IEnumerable<(int Output, int Start)> Readers(LayerForm layer, int channel, int perOutput, int taps)
    {
        if (layer.Groups > 1)
        {
            var multiplier = layer.Outputs / layer.Groups;
            for (var index = 0; index < multiplier; index++)
                yield return ((channel * multiplier) + index, ((channel * multiplier) + index) * perOutput);
            yield break;
        }

        for (var output = 0; output < layer.Outputs; output++)
            yield return (output, (output * perOutput) + (channel * taps));
    }

    private static void ScaleMaker(WeightSet weights, LayerForm layer, BatchNorm? norm, int channel, int perOutput, double factor)
    {
        if (norm is not null)
        {
            Scale(weights[norm.Scale].Values.AsSpan(channel, 1), factor);
            Scale(weights[norm.Shift].Values.AsSpan(channel, 1), factor);
            return;
        }

        Scale(weights[layer.Weight].Values.AsSpan(channel * perOutput, perOutput), factor);
        if (layer.Bias is not null)
            Scale(weights[layer.Bias].Values.AsSpan(channel, 1), factor);
    }

    private static void Scale(Span<float> values, double factor)
    {
        foreach (ref var value in values)
            value = (float)(value * factor);
    }

    // What a normalisation multiplies each channel of the layer before it with.
    private static double[] Factors(WeightSet weights, BatchNorm? norm, int channels) =>
        norm is null
            ? [.. Enumerable.Repeat(1.0, channels)]
            :
            [
                .. weights[norm.Scale]
                    .Values.Zip(
                        weights[norm.Variance].Values,
                        (scale, variance) => scale / Math.Sqrt(Math.Max((double)variance + norm.Epsilon, double.Epsilon))
                    ),
            ];

    private sealed record Pair(GraphNode First, BatchNorm? Norm, GraphNode Second);
}
