using Subp.Core.Diagnostics;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Tooling.Models;
using Subp.Training.Runs;

namespace Subp.Cli.Runs;

/// <summary>A finished run, read from its folder.</summary>
/// <param name="Name">What tables call it: the name of the folder.</param>
/// <param name="Folder">The folder as the user named it.</param>
/// <param name="Record">Recipe, tables, images.</param>
/// <param name="Model">The packed network.</param>
internal sealed record FinishedRun(string Name, string Folder, RunRecord Record, Model Model)
{
    /// <summary>The cost of the network.</summary>
    public LayerCost Cost { get; } = LayerCost.Total(Model.Graph);

    /// <summary>The share of test images in their class after the last epoch, by the training engine.</summary>
    public double TestAccuracy => Record.History[^1].TestAccuracy;

    /// <summary>Reads a folder.</summary>
    /// <exception cref="SubpException">SUBP0590: it is no run. SUBP0591: it is not finished. Others: its network cannot be
    /// read.</exception>
    public static FinishedRun Read(string folder)
    {
        var record = RunRecord.Read(folder);
        var bundle = Path.Combine(folder, BundleFile.DefaultStem + ".subp");
        if (!record.IsFinished || !File.Exists(bundle))
            throw new SubpException(
                DiagnosticDescriptors.RunUnfinished,
                folder,
                record.IsFinished
                    ? $"no {Path.GetFileName(bundle)}"
                    : FormattableString.Invariant($"{record.History.Count} of {record.Recipe.Epochs} epochs"),
                record.IsFinished ? "the network that the run ended with" : "all of them",
                $"Go on with 'subp train --resume -o {folder}', or leave it out."
            );
        return new FinishedRun(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            folder,
            record,
            BundleFile.Read(bundle)
        );
    }

    /// <summary>Requires that another run had the same images.</summary>
    /// <exception cref="SubpException">SUBP0592: it had not.</exception>
    public void RequireSameData(FinishedRun other)
    {
        var (own, its) = (Model.Graph, other.Model.Graph);
        Require(other, "images", Images(this), Images(other));
        if (own.Metadata.ClassNames.Count > 0 && its.Metadata.ClassNames.Count > 0)
            Require(other, "the classes", string.Join(", ", own.Metadata.ClassNames), string.Join(", ", its.Metadata.ClassNames));
        if (Record.Data is not { } data || other.Record.Data is not { } others)
            return;
        Require(other, "images to train with:", data.TrainingImages, others.TrainingImages);
        Require(other, "images to test with:", data.TestImages, others.TestImages);
        // Older runs do not say what the labels of files are.
        if (data.TestLabels is { } labels && others.TestLabels is { } otherLabels)
            Require(other, "test labels with the sha256", labels, otherLabels);
    }

    // The batch of the compiled network is no property of the images.
    private static string Images(FinishedRun run) => string.Join(" x ", run.Model.Graph.Inputs[0].Shape.Dimensions.Skip(1));

    private void Require<T>(FinishedRun other, string what, T own, T its)
        where T : notnull
    {
        if (!own.Equals(its))
            throw new SubpException(
                DiagnosticDescriptors.RunsOfOtherData,
                other.Folder,
                FormattableString.Invariant($"{what} {its}"),
                FormattableString.Invariant($"{own}, as in {Folder}"),
                "Compare runs that were trained and tested with the same images."
            );
    }
}
