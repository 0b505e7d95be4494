using Subp.Cli.Terminal;
using Subp.Core.Weights;
using Subp.Tooling.Text;
using Subp.Training.Synthesis;

namespace Subp.Cli.Compression;

/// <summary>Calibration inputs for who has none: images that the batch normalisations of the network describe.</summary>
internal static class SyntheticCalibration
{
    /// <summary>What stands for them in place of a path.</summary>
    public const string Word = "synthetic";

    /// <summary>What to do about the loss of a network that was changed without training.</summary>
    public static string Advice(CalibrationSet? calibration) =>
        (calibration is null ? "Some hundred inputs keep more of it, or, where there are none, --calibration synthetic. " : "")
        + "See docs/compression.md.";

    /// <summary>Makes inputs of the network.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="count">How many inputs; null for as many as can be made in some minutes.</param>
    /// <param name="context">Hears of the progress.</param>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0508, SUBP0531: the network has no gradient or no normalisations.</exception>
    public static IReadOnlyList<float[]> Create(Model model, int? count, CommandContext context)
    {
        var batch = SyntheticImages.BatchOf(model.Graph);
        var wanted = count ?? Math.Max(SyntheticImages.CountFor(model.Graph) / batch, 1);
        IReadOnlyList<float[]> images = [];
        context.WithProgress(
            "synthetic images",
            progress =>
                images = SyntheticImages.Create(
                    model,
                    new SynthesisOptions { Images = checked(wanted * batch) },
                    (share, distance) => progress(share, $"statistics {Figures.Fixed(distance, 4)} off"),
                    context.Cancellation
                )
        );
        return [.. images.Chunk(batch).Select(input => input.SelectMany(image => image).ToArray())];
    }
}
