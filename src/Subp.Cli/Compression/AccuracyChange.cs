using Subp.Cli.Inputs;
using Subp.Cli.Terminal;
using Subp.Cli.Verification;
using Subp.Core.Weights;

namespace Subp.Cli.Compression;

/// <summary>The accuracy of a network before and after a change.</summary>
/// <param name="Before">Of the original.</param>
/// <param name="After">Of the changed network.</param>
/// <param name="Images">How many images.</param>
internal sealed record AccuracyChange(double Before, double After, int Images)
{
    /// <summary>Measures both by the reference interpreter.</summary>
    public static AccuracyChange Measure(Model original, Model changed, InputSet images, CommandContext context)
    {
        double Of(Model model, string title)
        {
            double accuracy = 0;
            context.WithProgress(
                title,
                progress => accuracy = ReferenceOutputs.Compute(model, images, progress, context.Cancellation).Accuracy()
            );
            return accuracy;
        }

        return new AccuracyChange(
            Of(original, "accuracy of the original"),
            Of(changed, "accuracy of the compressed network"),
            images.Count * images.Batch
        );
    }

    /// <summary>Both, as people read them.</summary>
    public override string ToString() =>
        $"accuracy {Figures.Percent(After, 2)} of {Figures.Count(Images)} images, {Figures.Percent(Before, 2)} before";
}
