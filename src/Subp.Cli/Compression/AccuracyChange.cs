using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Tooling.Inputs;
using Subp.Tooling.Text;
using Subp.Tooling.Verification;

namespace Subp.Cli.Compression;

/// <summary>The accuracy of a network before and after a change.</summary>
/// <param name="Before">Of the original.</param>
/// <param name="After">Of the changed network.</param>
/// <param name="Images">How many images.</param>
internal sealed record AccuracyChange(double Before, double After, int Images)
{
    /// <summary>Measures both by compiled code.</summary>
    /// <param name="original">The original, its normalisations folded or not.</param>
    /// <param name="changed">The changed network.</param>
    /// <param name="images">Reads the images as a network takes them: normalised, or as bytes.</param>
    /// <param name="context">Hears how far it is.</param>
    public static AccuracyChange Measure(Model original, Model changed, Func<Graph, InputSet> images, CommandContext context)
    {
        var before = CompiledAccuracy.Of(PassPipeline.Pack(original), images(original.Graph), context);
        var after = CompiledAccuracy.Of(changed, images(changed.Graph), context);
        return new AccuracyChange(before.Share, after.Share, after.Images);
    }

    /// <summary>Both, as people read them.</summary>
    public override string ToString() =>
        $"accuracy {Figures.Percent(After, 2)} of {Figures.Count(Images)} images, {Figures.Percent(Before, 2)} before";
}
