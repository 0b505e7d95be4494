using Subp.Cli.Failures;
using Subp.Cli.Inputs;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Training.Data;

namespace Subp.Cli.Compression;

/// <summary>Inputs without labels that statistics are measured on.</summary>
internal static class CalibrationInputs
{
    /// <summary>Reads the inputs of files and folders, in their order.</summary>
    /// <param name="paths">Folders with the idx files of MNIST or Fashion-MNIST, of which the training images are taken; .npy files or raw
    /// floats with any number of inputs, normalised as the network wants them.</param>
    /// <param name="most">The most inputs.</param>
    /// <param name="graph">The network.</param>
    /// <exception cref="SubpException">A file is missing or does not fit. SUBP0531: the inputs cannot be used.</exception>
    public static IReadOnlyList<float[]> Read(IReadOnlyList<string> paths, int most, Graph graph)
    {
        var shape = graph.Inputs[0].Shape;
        var inputs = new List<float[]>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                var images = InputSet.OfImages(path, FashionMnist.ReadTraining(path), shape, graph.Metadata, most * shape.Batch);
                inputs.AddRange(Enumerable.Range(0, images.Count).Select(index => images[index]));
            }
            else
            {
                inputs.AddRange(
                    File.Exists(path) ? NpyFile.ReadMany(path, shape.ElementCount) : throw new SubpException(FailureReport.NotFound(path))
                );
            }
        }

        IReadOnlyList<float[]> taken = [.. inputs.Take(most)];
        Require(string.Join(", ", paths), taken);
        return taken;
    }

    private static void Require(string place, IReadOnlyList<float[]> inputs)
    {
        if (inputs.Count == 0)
            throw Invalid(place, "no whole input of the network", "Give at least as many images as the network's batch.");
        for (var index = 0; index < inputs.Count; index++)
        {
            if (Array.Exists(inputs[index], value => !float.IsFinite(value)))
                throw Invalid(
                    place,
                    FormattableString.Invariant($"a number that is not finite in input {index}"),
                    "Repair the file, or leave the input out."
                );
        }

        var first = inputs[0][0];
        if (inputs.All(input => Array.TrueForAll(input, value => value == first)) || (inputs.Count > 1 && AreAlike(inputs)))
            throw Invalid(place, FormattableString.Invariant($"{inputs.Count} inputs that are all the same"), "Give inputs that differ.");
    }

    private static bool AreAlike(IReadOnlyList<float[]> inputs) => inputs.All(input => input.AsSpan().SequenceEqual(inputs[0]));

    private static SubpException Invalid(string place, string found, string action) =>
        new(DiagnosticDescriptors.CalibrationInvalid, place, found, "some ten to some hundred finite inputs that differ", action);
}
