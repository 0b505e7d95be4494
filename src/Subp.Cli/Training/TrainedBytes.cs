using Subp.Compiler.Packing;
using Subp.Compression.Quantizing;
using Subp.Core.Weights;
using Subp.Tooling.Quantizing;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Training;

/// <summary>The network of bytes that a training was made for.</summary>
internal static class TrainedBytes
{
    /// <summary>The stem of the files in a run folder.</summary>
    public const string Stem = "int8";

    /// <summary>Converts what a training ended with, by the ranges that it tracked.</summary>
    /// <param name="recipe">The recipe of the training.</param>
    /// <param name="result">What it ended with.</param>
    public static Model Of(TrainingRecipe recipe, TrainingResult result)
    {
        var fused = FusedNetwork.Of(result.Model);
        // The means of normalisations are those of rounded weights already: there is nothing for biases to take back.
        var options = new Int8Options { WeightBits = recipe.WeightBits, CorrectsBias = false };
        var tracked = result.Ranges.ToDictionary(
            range => range.Key,
            range => new ValueRange(range.Value.Low, range.Value.High),
            StringComparer.Ordinal
        );
        var ranges = Int8Conversion.FindRanges(result.Model, fused, options).With(result.Model.Graph, fused.Graph, tracked);
        return new FindFewBits().Run(Int8Conversion.Convert(fused, ranges, options).Model);
    }
}
