using Subp.Cli.Runs;
using Subp.Cli.Terminal;
using Subp.Tooling.Text;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Training;

/// <summary>What <c>subp train</c> says at its end.</summary>
internal static class TrainSummary
{
    /// <summary>Writes the figures of a finished training, as a table or as JSON.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="verb">The verb that JSON output names.</param>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="subp">The bundle in it.</param>
    /// <param name="figures">What was measured.</param>
    public static void Write(CommandContext context, string verb, string folder, string subp, RunFigures figures)
    {
        var (recipe, result, cost) = (figures.Recipe, figures.Result, figures.Cost);
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                verb,
                new
                {
                    folder,
                    subp,
                    bytes = recipe.Quantize == TrainedArithmetic.Int8 ? Path.Combine(folder, TrainedBytes.Stem + ".subp") : null,
                    method = recipe.Method,
                    epochs = result.History.Count,
                    result.TestAccuracy,
                    testTopFive = TopFive(result),
                    result.SecondsPerEpoch,
                    result.Engine,
                    forwardShareOfPeak = result.Profile?.ForwardShareOfPeak,
                    backwardShareOfPeak = result.Profile?.BackwardShareOfPeak,
                    cost.DenseWeights,
                    cost.KeptWeights,
                    cost.DenseMacs,
                    cost.KeptMacs,
                    report = Path.Combine(folder, RunReport.FileName),
                    compiled = figures.Measured,
                    history = result.History,
                }
            );
            return;
        }

        var table = new TextTable("", ">result");
        table.Add("test accuracy", Figures.Percent(result.TestAccuracy, 2));
        if (recipe.Quantize == TrainedArithmetic.Int8)
            table.Add("network of bytes", Path.Combine(folder, TrainedBytes.Stem + ".subp"));
        table.Add("test accuracy, five best", Figures.Percent(TopFive(result), 2));
        table.Add("kept weights", $"{Figures.Count(cost.KeptWeights)} of {Figures.Count(cost.DenseWeights)}");
        table.Add("MACs per image", $"{Figures.Short(cost.KeptMacs)} of {Figures.Short(cost.DenseMacs)}");
        table.Add("engine", result.Engine);
        table.Add("seconds per epoch", Figures.Fixed(result.SecondsPerEpoch, 1));
        if (result.Profile is { ForwardShareOfPeak: > 0 } profile)
            table.Add(
                "convolutions, of FMA peak",
                $"{Figures.Percent(profile.ForwardShareOfPeak, 0)} forward, {Figures.Percent(profile.BackwardShareOfPeak, 0)} backward"
            );
        if (figures.Measured is { } measured)
            table.Add(
                "us per image, compiled",
                $"{Figures.Microseconds(measured.Microseconds)}, {Figures.Fixed(measured.Speedup, 2)}x as fast as dense"
            );
        table.Add("bundle", subp);
        table.Add("report", Path.Combine(folder, RunReport.FileName));
        table.Write(context.Out);
    }

    /// <summary>Says where a training has stopped and how it goes on.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="verb">The verb that JSON output names.</param>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="result">What the training has reached.</param>
    /// <param name="steps">After how many steps it has stopped.</param>
    public static void WriteStop(CommandContext context, string verb, string folder, TrainingResult result, int steps)
    {
        if (context.Json)
            JsonOutput.Write(
                context.Out,
                verb,
                new
                {
                    folder,
                    stoppedAfterSteps = steps,
                    epochs = result.History.Count,
                }
            );
        else
            context.Out.WriteLine(
                FormattableString.Invariant($"{folder}: stopped after {steps} steps, {result.History.Count} epochs complete; ")
                    + "go on with --resume"
            );
    }

    private static double TopFive(TrainingResult result) => result.History.Count == 0 ? 0 : result.History[^1].TestTopFive;
}
