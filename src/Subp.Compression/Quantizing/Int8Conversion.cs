using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Quantizing;

/// <summary>
/// Makes a network of bytes of a finished network: weights are signed bytes with a scale for each output channel, values unsigned bytes
/// with one scale and one zero point each. Nothing is trained. Ranges come from the statistics of batch normalisations, or from a few
/// inputs without labels.
/// </summary>
public static class Int8Conversion
{
    /// <summary>Converts a network.</summary>
    /// <param name="original">The network with batch normalisations that are not folded: the source of statistics.</param>
    /// <param name="fused">
    /// The same network as it is to be computed: normalisations folded, clamps and residual additions part of the layers before them.
    /// </param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="SubpException">SUBP0595: the range of a value is not known. SUBP0231: the network is one of bytes.</exception>
    public static Int8Outcome Convert(Model original, Model fused, Int8Options options, CancellationToken cancellation = default) =>
        Convert(fused, FindRanges(original, fused, options, cancellation), options);

    /// <summary>Finds what is needed of the values of a network, for conversions that differ in what stays float.</summary>
    /// <param name="original">The network with batch normalisations that are not folded.</param>
    /// <param name="fused">The same network as it is to be computed.</param>
    /// <param name="options">Where ranges come from; what stays float is not looked at.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="SubpException">SUBP0595: nothing says how far values reach. SUBP0231: the network is one of bytes.</exception>
    public static Int8Ranges FindRanges(Model original, Model fused, Int8Options options, CancellationToken cancellation = default)
    {
        GraphVerifier.RequireFloat(original.Graph, "quantising");
        if (options.Calibration is null && !original.Graph.Nodes.Any(node => node.Operator is BatchNorm))
            throw new SubpException(
                DiagnosticDescriptors.RangeUnknown,
                $"graph '{original.Graph.Name}'",
                "no batch normalisation, whose statistics would say how far values reach",
                "one behind every convolution, or inputs to measure on",
                "Give some inputs with --calibration, or start from a file in which normalisations are not folded."
            );
        if (options.Calibration is not { } inputs)
            return new Int8Ranges(FusedValues.Rename(StatisticalRanges.Find(original, options), original.Graph, fused.Graph));
        var facts = CalibratedRanges.Measure(fused, inputs, options.Ranges, cancellation);
        if (options.IsSynthetic && (options.InputRange ?? StatisticalRanges.OfPixels(original.Graph.Metadata)) is { } range)
        {
            foreach (var input in fused.Graph.Inputs.Where(input => options.InputRange is not null || options.ArePixels(input.Name)))
                facts[input.Name] = facts[input.Name] with { Range = range };
        }

        return new Int8Ranges(facts);
    }

    /// <summary>Converts a network whose ranges are known.</summary>
    /// <param name="fused">The network as it is to be computed.</param>
    /// <param name="ranges">What is known of its values.</param>
    /// <param name="options">How.</param>
    /// <exception cref="SubpException">SUBP0595: the range of a value is not known.</exception>
    public static Int8Outcome Convert(Model fused, Int8Ranges ranges, Int8Options options)
    {
        var reasons = FloatReasons.Find(fused.Graph, options);
        RequireRanges(fused.Graph, ranges.Facts, reasons, options);
        return Build(fused, ranges.Facts, reasons, options);
    }

    private static Int8Outcome Build(
        Model fused,
        IReadOnlyDictionary<string, ValueFacts> facts,
        Dictionary<string, string?> reasons,
        Int8Options options
    )
    {
        var graph = fused.Graph;
        var result = new ByteGraph(fused, facts, options);
        foreach (var input in graph.Inputs)
        {
            var areBytes = options.TakesBytes && options.ArePixels(input.Name);
            if (areBytes && options.Pixels is { } pixels)
                result.PixelInput(input, pixels);
            else if (areBytes && options.InputQuantization is not null)
                result.ByteInput(input);
            else
                result.Input(input);
        }

        var layers = new List<Int8Layer>();
        foreach (var node in graph.Nodes)
        {
            var layer = new Int8Layer(
                node.Name,
                node.Operator.Mnemonic,
                null,
                facts.GetValueOrDefault(node.Name)?.Range,
                null,
                reasons[node.Name]
            );
            if (layer.FloatReason is not null)
            {
                result.Float(node);
            }
            else if (node.Operator is Conv2d or Linear)
            {
                var (quantization, error) = result.Layer(node, ReturnsFloat(graph, node, reasons));
                layer = layer with { Result = quantization, WeightError = error };
            }
            else
            {
                layer = layer with
                {
                    Result =
                        StatisticalRanges.MovesOnly(node.Operator) || node.Operator is Pad ? result.Moved(node) : result.Computed(node),
                };
            }

            layers.Add(layer);
        }

        return new Int8Outcome(result.Finish(), layers);
    }

    // Rounding to bytes what nobody reads as bytes would only lose. Images between layers are rounded all the same: kernels have them as
    // bytes in registers, and sixteen channels of bytes become floats at once, where floats would be stored one by one.
    private static bool ReturnsFloat(Graph graph, GraphNode node, Dictionary<string, string?> reasons)
    {
        var readers = graph.ConsumersOf(node.Name);
        var isImage = node.Shape.IsImage && node.Shape.Height * node.Shape.Width > 1;
        return node.Inputs.Count == 1 && readers.All(reader => reasons[reader.Name] is not null) && (readers.Count == 0 || !isImage);
    }

    private static void RequireRanges(
        Graph graph,
        Dictionary<string, ValueFacts> facts,
        Dictionary<string, string?> reasons,
        Int8Options options
    )
    {
        foreach (var node in graph.Nodes.Where(node => reasons[node.Name] is null))
        {
            var needed = node.Inputs.Where(input => reasons.GetValueOrDefault(input) is not null || graph.IsInput(input));
            if (!ReturnsFloat(graph, node, reasons) && !StatisticalRanges.MovesOnly(node.Operator))
                needed = needed.Append(node.Name);
            foreach (var value in needed)
            {
                if (facts.TryGetValue(value, out var known) && double.IsFinite(known.Range.Low) && double.IsFinite(known.Range.High))
                    continue;
                if (options.Calibration is not null)
                    throw new SubpException(
                        DiagnosticDescriptors.RangeUnknown,
                        $"value '{value}'",
                        "infinities, or numbers that are none, for the inputs that were given",
                        "finite numbers",
                        $"Look for such numbers in the inputs and in the weights before it, or leave '{value}' and what reads it float "
                            + "with --float."
                    );
                // An input by its own name, not that of a reshape behind it.
                var origin = value;
                while (graph.FindNode(origin) is { Inputs.Count: > 0 } moving && StatisticalRanges.MovesOnly(moving.Operator))
                    origin = moving.Inputs[0];
                var isInput = graph.IsInput(origin);
                throw new SubpException(
                    DiagnosticDescriptors.RangeUnknown,
                    $"value '{(isInput ? origin : value)}'",
                    isInput ? "no normalisation of the input" : "no batch normalisation whose statistics lead to it",
                    "statistics, or inputs to measure on",
                    isInput
                        ? "Give some inputs with --calibration, or the range of the input with --input-range."
                        : "Give some inputs with --calibration."
                );
            }
        }
    }
}
