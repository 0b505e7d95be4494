using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Interpretation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;

namespace Subp.Cli.Compression;

/// <summary>Where a compressed network goes that was given no place, and what it is compared on.</summary>
internal static class CompressedFile
{
    /// <summary>Beside the source, under its name with a word behind it; in the folder of a run under the word alone.</summary>
    public static string Target(string source, string word)
    {
        if (Directory.Exists(source))
            return Path.Combine(source, word + ".subp");
        var stem = StateDictionaryNetwork.IsOne(source) ? StateDictionaryNetwork.Stem(source) : Path.ChangeExtension(source, null);
        return $"{stem}-{word}.subp";
    }

    /// <summary>What a compressed network is compared with its original on: inputs that are at hand, else random ones.</summary>
    /// <param name="calibration">The inputs that statistics were measured on, with those that were held out; or null.</param>
    /// <param name="graph">The network.</param>
    /// <param name="most">The most inputs.</param>
    public static InputSet Compared(CalibrationSet? calibration, Graph graph, int most)
    {
        const int MostRandom = 16;
        const int FewestRandom = 2;
        // By the reference interpreter, which takes seconds for a large image.
        const long Macs = 16_000_000_000;
        var shape = JoinedInputs.ShapeOf(graph);
        return calibration is null
            ? InputSet.OfRandom(shape, (int)Math.Clamp(Macs / Math.Max(LayerCost.Total(graph).DenseMacs, 1), FewestRandom, MostRandom), 1)
            : InputSet.OfInputs("calibration inputs", [.. calibration.Compared.Take(most)], graph.Inputs.Count == 1 ? shape.Batch : 1);
    }
}
