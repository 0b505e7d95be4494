using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Training.Data;
using Subp.Training.Distributed;

namespace Subp.Training.Runs;

/// <summary>
/// The network of a run as network.subp in its folder describes it: structure, class names and the normalisation of the input, which is
/// everything that a run needs to go on besides its checkpoint.
/// </summary>
public static class RunNetwork
{
    internal const string FileName = "network.subp";

    /// <summary>Reads the network of a run; rank 0 does so for all.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="group">The processes.</param>
    /// <returns>The network; null for folders of versions that did not write it.</returns>
    /// <exception cref="SubpException">The file is not one that a training wrote.</exception>
    public static Graph? Read(string folder, IProcessGroup group)
    {
        string path = Path.Combine(folder, FileName);
        var bytes = group.Share(group.Rank == 0 && File.Exists(path) ? File.ReadAllBytes(path) : null);
        return bytes is null ? null : SubpParser.Parse(Encoding.UTF8.GetString(bytes), path).Graph;
    }

    /// <summary>
    /// The network as it is trained: with the class names of the images, and with a normalisation, be it that of the network, that of the
    /// run that goes on, or one that is measured.
    /// </summary>
    /// <param name="given">The network that the caller names.</param>
    /// <param name="training">The images to learn from.</param>
    /// <param name="recorded">The network of the run that goes on, or null.</param>
    /// <param name="folder">The folder of that run, for messages.</param>
    /// <exception cref="SubpException">SUBP0507: the network is not the one that the run was begun with. SUBP0503: its normalisation is for
    /// images of other channels.</exception>
    internal static Graph Complete(Graph given, IImageSource training, Graph? recorded, string? folder)
    {
        var metadata = given.Metadata with { ClassNames = [.. training.ClassNames] };
        if (recorded is not null)
            RequireSame(given, recorded, Path.Combine(folder!, FileName));
        if (metadata.NormalizationMean.Count == 0)
        {
            var normalization = Normalization(recorded) ?? training.MeasureNormalization();
            metadata = metadata with { NormalizationMean = [.. normalization.Mean], NormalizationDeviation = [.. normalization.Deviation] };
        }

        if (metadata.NormalizationMean.Count != training.Channels)
        {
            throw new SubpException(
                DiagnosticDescriptors.DatasetMismatch,
                $"graph '{given.Name}'",
                FormattableString.Invariant($"images of {training.Channels} channels"),
                FormattableString.Invariant($"{metadata.NormalizationMean.Count}, as its normalisation has"),
                "Give the network a normalisation of one mean and one deviation per channel."
            );
        }

        return given.With(metadata: metadata);
    }

    /// <summary>The normalisation that a network names, or null.</summary>
    internal static ChannelNormalization? Normalization(Graph? graph) =>
        graph?.Metadata is { NormalizationMean.Count: > 0 } metadata
            ? new ChannelNormalization(metadata.NormalizationMean, metadata.NormalizationDeviation)
            : null;

    private static void RequireSame(Graph given, Graph recorded, string path)
    {
        if (StructureHash.Compute(given) != StructureHash.Compute(recorded))
            throw Mismatch(path, $"the network '{recorded.Name}'", $"'{given.Name}' with the structure that was given");
        if (Normalization(given) is { } its && Normalization(recorded) is { } own && (Text(its), Text(own)) is var (found, wanted))
        {
            if (found != wanted)
                throw Mismatch(path, $"images normalised by {wanted}", $"{found}, as the network that was given says");
        }
    }

    private static string Text(ChannelNormalization normalization) =>
        $"mean {string.Join(' ', normalization.Mean.Select(FloatText.Format))} "
        + $"deviation {string.Join(' ', normalization.Deviation.Select(FloatText.Format))}";

    private static SubpException Mismatch(string path, string found, string expected) =>
        new(
            DiagnosticDescriptors.CheckpointInvalid,
            path,
            found,
            expected,
            "Resume without --init and --model, since the folder says what the run was begun with, or start a new run."
        );
}
