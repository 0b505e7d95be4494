using Subp.Tooling.Text;
using Subp.Training.Recipes;

namespace Subp.Cli.Runs;

/// <summary>The table that a run ends with: the trained network beside its dense parent, both as compiled code.</summary>
internal static class BeforeAndAfter
{
    /// <summary>The heads; one that starts with <c>&gt;</c> is a column of numbers.</summary>
    public static readonly string[] Heads = ["", ">dense parent", ">trained network", ">against dense"];

    /// <summary>The rows.</summary>
    /// <param name="run">A run that was measured.</param>
    /// <param name="measured">Its measurement.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(RunFigures run, RunMeasurement measured)
    {
        var accuracy = measured.Accuracy ?? run.Result.TestAccuracy;
        return
        [
            [
                "test accuracy",
                measured.DenseAccuracy is { } dense ? Figures.Percent(dense, 2) : "not trained here",
                Figures.Percent(accuracy, 2),
                measured.DenseAccuracy is { } before ? Figures.Points(accuracy - before) : "",
            ],
            Costs("weights of convolutions and linear layers", run.DenseCost.DenseWeights, run.Cost.KeptWeights, Figures.Count),
            Costs("MACs per image", run.DenseCost.DenseMacs, run.Cost.KeptMacs, value => Figures.Short(value)),
            Costs("DLL size", measured.DenseAssemblyBytes, measured.AssemblyBytes, Figures.Bytes),
            [
                $"us per image, 1 thread, {measured.InstructionSet}",
                Figures.Microseconds(measured.DenseMicroseconds),
                Figures.Microseconds(measured.Microseconds),
                $"{Figures.Fixed(measured.Speedup, 2)}x as fast",
            ],
        ];
    }

    /// <summary>What the left column is: no training ends with it unless the run started from trained weights.</summary>
    public static string Explanation(RunFigures run, RunMeasurement measured) =>
        run.Recipe.Method == TrainingMethod.Dense && measured.DenseAccuracy is null
            ? "The run is dense: both columns are the same network, the left one with random weights, so that they differ by noise alone."
        : measured.DenseAccuracy is null
            ? "The dense parent has random weights, which have no influence on its time; a dense run beside this one shows its accuracy."
        : "The dense parent has the weights that the run started from.";

    private static IReadOnlyList<string> Costs(string name, long dense, long own, Func<long, string> text) =>
        [name, text(dense), text(own), Figures.Percent((double)own / Math.Max(1, dense))];
}
