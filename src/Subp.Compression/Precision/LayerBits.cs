using Subp.Compression.Propagation;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Precision;

/// <summary>How many bits each layer of a network gets.</summary>
public static class LayerBits
{
    // The first layer and the classifier are small, and nobody behind the classifier makes up for it.
    private const int BitsAtTheEnds = 8;

    // From many to few.
    private static readonly int[] s_steps = [8, 6, 4, 3, 2];

    /// <summary>The same bits for all layers; the first layer and those that end the network keep at least 8.</summary>
    public static IReadOnlyDictionary<string, int> Uniform(Graph graph, int bits)
    {
        var ends = Ends(graph);
        return OfWeights(
            graph,
            Layers(graph)
                .ToDictionary(
                    node => node.Name,
                    node => ends.Contains(node.Name) ? Math.Max(bits, BitsAtTheEnds) : bits,
                    StringComparer.Ordinal
                )
        );
    }

    /// <summary>A weight has one rounding: all layers that share it get the most bits that one of them asks for.</summary>
    internal static IReadOnlyDictionary<string, int> OfWeights(Graph graph, IReadOnlyDictionary<string, int> bits) =>
        Layers(graph)
            .Where(node => bits.ContainsKey(node.Name))
            .GroupBy(WeightOf, StringComparer.Ordinal)
            .SelectMany(users => users.Select(node => (node.Name, Bits: users.Max(user => bits[user.Name]))))
            .ToDictionary(layer => layer.Name, layer => layer.Bits, StringComparer.Ordinal);

    /// <summary>
    /// Bits by sensitivity: all layers begin with 8, and each time that one gets fewer of which a saved byte costs the least error, as
    /// statistics predict it, until the network is small enough.
    /// </summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="bytes">The bytes that the packed weights may take, all else at four bytes a number.</param>
    /// <exception cref="SubpException">SUBP0534: the network is larger with two bits everywhere.</exception>
    public static IReadOnlyDictionary<string, int> ToSize(Model model, long bytes) => ToSize(model, bytes, OtherBytes(model.Graph));

    /// <summary>The same for a network that is stored with other parameters beside the weights of its layers than it has now.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="bytes">The bytes that all weights may take.</param>
    /// <param name="others">The bytes of what is stored beside the weights of convolutions and linear layers, such as the biases that
    /// normalisations are folded into.</param>
    /// <exception cref="SubpException">SUBP0534: the network is larger with two bits everywhere.</exception>
    public static IReadOnlyDictionary<string, int> ToSize(Model model, long bytes, long others)
    {
        var choice = new Choice(model, others);
        while (choice.Bytes > bytes)
        {
            if (!choice.Lower(double.PositiveInfinity))
                throw new SubpException(
                    DiagnosticDescriptors.BudgetNotMet,
                    "--bits",
                    FormattableString.Invariant($"{bytes} bytes"),
                    FormattableString.Invariant($"at least {choice.Bytes} bytes, with two bits in every layer that may have them"),
                    "Remove channels or blocks as well."
                );
        }

        return choice.Bits;
    }

    /// <summary>As few bits as the sum of the predicted errors of all layers allows.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="error">The share of the variance of outputs, summed over layers, that may be an error.</param>
    /// <exception cref="SubpException">SUBP0534: the errors are larger with eight bits everywhere.</exception>
    public static IReadOnlyDictionary<string, int> ToError(Model model, double error)
    {
        var choice = new Choice(model, 0);
        if (choice.Error > error)
            throw new SubpException(
                DiagnosticDescriptors.BudgetNotMet,
                "--bits",
                FormattableString.Invariant($"errors of {error} together"),
                FormattableString.Invariant($"at least {choice.Error:0.0e+0}, with eight bits in every layer"),
                "Allow a larger --bits-error, or give the bits as a number."
            );
        while (choice.Lower(error)) { }
        return choice.Bits;
    }

    /// <summary>
    /// The bytes of a network whose layers are packed at their bits, all else at four bytes a number; so are weights of more than 8 bits,
    /// and those that packing would make little smaller.
    /// </summary>
    public static long Bytes(Model model, IReadOnlyDictionary<string, int> bits) => Bytes(model, bits, OtherBytes(model.Graph));

    private static long Bytes(Model model, IReadOnlyDictionary<string, int> bits, long others)
    {
        var agreed = OfWeights(model.Graph, bits);
        return others
            + Layers(model.Graph)
                .DistinctBy(WeightOf)
                .Sum(node => StoredBytes(model, WeightOf(node), agreed.GetValueOrDefault(node.Name, sizeof(float) * 8)));
    }

    private static long StoredBytes(Model model, string weight, int bits)
    {
        var pattern = model.Graph.Parameter(weight).Pattern;
        var plain = sizeof(float) * RoundedWeight.KeptValues(model.Weights[weight], pattern);
        if (bits > StoredBits.Most(ElementType.Float32))
            return plain;
        var packed = RoundedWeight.Bytes(model.Weights[weight], pattern, bits);
        return StoredBits.ArePacked(plain, packed) ? packed : plain;
    }

    private static long OtherBytes(Graph graph)
    {
        var weights = Layers(graph).Select(WeightOf).ToHashSet(StringComparer.Ordinal);
        return graph
            .Parameters.Where(parameter => !weights.Contains(parameter.Name))
            .Sum(parameter => sizeof(float) * (long)parameter.Shape.ElementCount);
    }

    private static string WeightOf(GraphNode layer) => layer.Operator.Parameters[0].Name;

    private static IEnumerable<GraphNode> Layers(Graph graph) => graph.Nodes.Where(node => node.Operator is Conv2d or Linear);

    /// <summary>
    /// The layers that keep at least 8 bits: those with no other layer on any way from an input, and those with none on any way to an
    /// output, whatever pads, pools or activates in between.
    /// </summary>
    private static HashSet<string> Ends(Graph graph)
    {
        var ends = new HashSet<string>(StringComparer.Ordinal);
        var behindLayers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            var isLayer = node.Operator is Conv2d or Linear;
            if (isLayer && !node.Inputs.Any(behindLayers.Contains))
                ends.Add(node.Name);
            if (isLayer || node.Inputs.Any(behindLayers.Contains))
                behindLayers.Add(node.Name);
        }

        var beforeLayers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Reverse())
        {
            var isLayer = node.Operator is Conv2d or Linear;
            if (isLayer && !beforeLayers.Contains(node.Name))
                ends.Add(node.Name);
            if (isLayer || beforeLayers.Contains(node.Name))
                beforeLayers.UnionWith(node.Inputs);
        }

        return ends;
    }

    private sealed class Choice
    {
        private readonly Model _model;
        private readonly long _others;
        private readonly Dictionary<string, int> _bits;

        // By weight, since layers that share one are rounded together.
        private readonly Dictionary<(string Weight, int Bits), double> _errors = [];

        public Choice(Model model, long others)
        {
            (_model, _others) = (model, others);
            var statistics = NetworkStatistics.Propagate(model);
            var ends = Ends(model.Graph);
            var users = Layers(model.Graph).ToLookup(WeightOf, StringComparer.Ordinal);
            _bits = users.ToDictionary(layers => layers.Key, _ => s_steps[0], StringComparer.Ordinal);
            foreach (var layers in users.Where(layers => !layers.Any(node => ends.Contains(node.Name))))
            {
                foreach (var bits in s_steps)
                    _errors[(layers.Key, bits)] = layers.Sum(node => ErrorOf(node, statistics.GetValueOrDefault(node.Name), bits));
            }
        }

        public IReadOnlyDictionary<string, int> Bits =>
            Layers(_model.Graph).ToDictionary(node => node.Name, node => _bits[WeightOf(node)], StringComparer.Ordinal);

        public long Bytes => LayerBits.Bytes(_model, Bits, _others);

        public double Error => _errors.Keys.Select(key => key.Weight).Distinct().Sum(weight => _errors[(weight, _bits[weight])]);

        // The next step of the weight that loses least for a byte, if the sum of errors then stays within the limit.
        public bool Lower(double limit)
        {
            var now = Error;
            var best = _errors
                .Keys.Where(key => key.Bits < _bits[key.Weight] && s_steps[Array.IndexOf(s_steps, key.Bits) - 1] == _bits[key.Weight])
                .Select(key => (key.Weight, key.Bits, More: _errors[key] - _errors[(key.Weight, _bits[key.Weight])]))
                .Where(step => now + step.More <= limit)
                .OrderBy(step => step.More / Math.Max(Saved(step.Weight, step.Bits), 1))
                .ThenBy(step => step.Weight, StringComparer.Ordinal)
                .FirstOrDefault();
            if (best.Weight is null)
                return false;
            _bits[best.Weight] = best.Bits;
            return true;
        }

        private long Saved(string weight, int bits) => StoredBytes(_model, weight, _bits[weight]) - StoredBytes(_model, weight, bits);

        // The share of the variance of the outputs; where nothing is known of the input, of the squares of the weights.
        private double ErrorOf(GraphNode node, LayerStatistics? statistics, int bits)
        {
            var name = node.Operator.Parameters[0].Name;
            var weight = _model.Weights[name];
            var rounded = RoundedWeight.Of(weight, _model.Graph.Parameter(name).Pattern, bits);
            float[] change = [.. weight.Values.Zip(rounded, (then, now) => now - then)];
            double Size(float[] values) =>
                statistics is null
                    ? values.Sum(value => (double)value * value)
                    : statistics
                        .Through(new Statistics.FilterBank(values, statistics.Form.Outputs, statistics.Form.Taps, statistics.Form.Groups))
                        .Variance.Sum();
            var whole = Size(weight.Values);
            return whole > 0 ? Size(change) / whole : 0;
        }
    }
}
