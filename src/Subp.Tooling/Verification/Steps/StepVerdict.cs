using Subp.Core.Graphs;

namespace Subp.Tooling.Verification.Steps;

/// <summary>How the bytes that one layer makes compare with those that ONNX Runtime makes, over all inputs.</summary>
/// <param name="Layer">The name of the layer.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="Elements">The numbers compared.</param>
/// <param name="Differing">Of these, the bytes that differ.</param>
/// <param name="MostSteps">The largest difference of two bytes.</param>
/// <param name="Worst">The element where that is.</param>
/// <param name="FloatError">
/// Of a layer that makes floats the largest difference, relative to the largest of them; 0 where it makes bytes.
/// </param>
internal sealed record StepVerdict(
    string Layer,
    string Operator,
    long Elements,
    long Differing,
    int MostSteps,
    int Worst,
    double FloatError
)
{
    /// <summary>Compares what a layer makes of one input.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="found">What the compiled code made.</param>
    /// <param name="expected">What ONNX Runtime made.</param>
    public static StepVerdict Of(GraphNode node, float[] found, float[] expected)
    {
        if (node.Type.Quantization is null)
            return new(node.Name, node.Operator.Mnemonic, found.Length, 0, 0, 0, ErrorFigures.Between(found, expected).Relative);
        long differing = 0;
        var (most, worst) = (0, 0);
        for (var index = 0; index < found.Length; index++)
        {
            var steps = (int)Math.Abs(found[index] - expected[index]);
            differing += steps > 0 ? 1 : 0;
            if (steps > most)
                (most, worst) = (steps, index);
        }

        return new(node.Name, node.Operator.Mnemonic, found.Length, differing, most, worst, 0);
    }

    /// <summary>The verdicts of several runs as one for each layer.</summary>
    /// <param name="runs">At least one run; all have the same layers in the same order.</param>
    public static StepVerdict[] Joined(IReadOnlyList<StepVerdict[]> runs) =>
        [.. Enumerable.Range(0, runs[0].Length).Select(layer => runs.Select(run => run[layer]).Aggregate((a, b) => a.And(b)))];

    /// <summary>The worse of each figure, over both sets of inputs.</summary>
    public StepVerdict And(StepVerdict other) =>
        this with
        {
            Elements = Elements + other.Elements,
            Differing = Differing + other.Differing,
            MostSteps = Math.Max(MostSteps, other.MostSteps),
            Worst = other.MostSteps > MostSteps ? other.Worst : Worst,
            FloatError = Math.Max(FloatError, other.FloatError),
        };
}
