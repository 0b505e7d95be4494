using Subp.Compression.Algebra;
using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Compression.Restoration;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Precision;

/// <summary>
/// Rounds the weights of a network to few bits as DF-MPC does: of two layers of which only the second reads the first, the first gets very
/// few bits and the second is rebuilt to make up for it, then rounded itself. Weights stay floats: it shows what a precision costs.
/// </summary>
public static class PairedPrecision
{
    // The factors of the loss of DF-MPC are not published; these are those that its derivation was checked with.
    private const double BiasFactor = 0.5;

    /// <summary>Rounds a network.</summary>
    /// <param name="model">The network, batch normalisations not folded. It is not changed.</param>
    /// <param name="options">Bits and compensation.</param>
    /// <param name="calibration">Inputs to measure the batch normalisations on afterwards, or null.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static Model Round(
        Model model,
        PairedPrecisionOptions options,
        IReadOnlyList<float[]>? calibration = null,
        CancellationToken cancellation = default
    )
    {
        var statistics = NetworkStatistics.Propagate(model);
        var draft = new ModelDraft(model);
        var pairs = Pairs(model.Graph);
        foreach (var node in model.Graph.Nodes.Where(node => node.Operator is Conv2d or Linear))
        {
            cancellation.ThrowIfCancellationRequested();
            var weight = node.Operator.Parameters[0].Name;
            var isLow = pairs.TryGetValue(node.Name, out var second);
            var exact = isLow ? ProducerFilters.Find(model, draft.Weights, second!.Inputs[0]) : null;
            var before = draft.Weights[weight];
            draft.Set(weight, Rounded(before, isLow ? options.LowBits : options.HighBits));
            if (options.Compensation == PrecisionCompensation.BatchNorm && statistics.GetValueOrDefault(node.Name) is { } known)
                OutputCorrection.Apply(draft, model.Graph, known, known.Form.Filters(model.Weights));
            else if (exact is not null)
                Rebuild(draft, second!, exact, ProducerFilters.Find(model, draft.Weights, second!.Inputs[0])!, options.Compensation);
        }

        var result = draft.ToModel();
        return calibration is null ? result : NormRecalibration.Measure(result, calibration, cancellation);
    }

    // The first layers of pairs, each with its second; no layer is in two pairs, and no shared weight in any.
    private static Dictionary<string, GraphNode> Pairs(Graph graph)
    {
        var pairs = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.Operator is Conv2d { Groups: 1 } && node.Inputs.Count == 1))
        {
            if (taken.Contains(node.Name) || graph.IsInput(node.Inputs[0]))
                continue;
            var value = node;
            while (!graph.IsOutput(value.Name) && graph.ConsumersOf(value.Name) is [{ Operator: BatchNorm or Activate } next])
                value = next;
            if (
                !graph.IsOutput(value.Name)
                && graph.ConsumersOf(value.Name) is [{ Operator: Conv2d { Groups: 1 }, Inputs.Count: 1 } second]
                && IsAlone(graph, node)
                && IsAlone(graph, second)
            )
            {
                pairs[node.Name] = second;
                taken.Add(second.Name);
            }
        }

        return pairs;
    }

    private static bool IsAlone(Graph graph, GraphNode layer) =>
        graph.Nodes.Count(node => node.Operator.Parameters.Any(use => use.Name == layer.Operator.Parameters[0].Name)) == 1;

    private static float[] Rounded(WeightTensor weight, int bits)
    {
        var filters = new Matrix(
            weight.Shape[0],
            weight.Shape.ElementCount / weight.Shape[0],
            Array.ConvertAll(weight.Values, v => (double)v)
        );
        var rounded = bits == 2 ? WeightQuantiser.Ternary(filters) : WeightQuantiser.Uniform(filters, bits);
        return Array.ConvertAll(rounded.Values, value => (float)value);
    }

    private static void Rebuild(
        ModelDraft draft,
        GraphNode second,
        FoldedFilters exact,
        FoldedFilters rounded,
        PrecisionCompensation compensation
    )
    {
        Matrix? map = compensation switch
        {
            PrecisionCompensation.DfMpc => Matrix.Diagonal(DfMpc.Factors(exact, rounded, BiasFactor, 0)),
            PrecisionCompensation.Udfc => Udfc.LostParts(exact, rounded).WithRidge(1),
            _ => null,
        };
        if (map is null)
            return;
        var name = second.Operator.Parameters[0].Name;
        var weight = draft.Weights[name];
        int inputs = weight.Shape[1],
            taps = weight.Shape.ElementCount / (weight.Shape[0] * inputs);
        var values = new float[weight.Values.Length];
        for (var output = 0; output < weight.Shape[0]; output++)
        {
            for (var tap = 0; tap < taps; tap++)
            {
                // V'[i] is the sum over j of map[i, j] V[j].
                double[] column =
                [
                    .. Enumerable.Range(0, inputs).Select(j => (double)weight.Values[(((output * inputs) + j) * taps) + tap]),
                ];
                for (var input = 0; input < inputs; input++)
                    values[(((output * inputs) + input) * taps) + tap] = (float)Matrix.Dot(map.Row(input), column);
            }
        }

        draft.Set(name, values);
    }
}
