using Subp.Compression.Quantizing;
using Subp.Core.Diagnostics;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Tooling.Inputs;
using Subp.Tooling.Progress;
using Subp.Tooling.Text;
using Subp.Tooling.Verification;

namespace Subp.Tooling.Quantizing.Precision;

/// <summary>
/// Finds the layers that have to stay float so that the outputs stay within a tolerance. How much a layer matters is measured: the error of
/// the outputs where it alone computes on bytes. As few as possible of those that matter most stay float.
/// </summary>
internal static class SensitiveLayers
{
    /// <summary>The layers, with the error that each causes alone.</summary>
    /// <param name="fused">The network of floats.</param>
    /// <param name="convert">Makes the network of bytes in which some nodes stay float.</param>
    /// <param name="tolerance">The largest error of the outputs.</param>
    /// <param name="inputs">What outputs are compared on.</param>
    /// <param name="context">Hears how far it is.</param>
    /// <exception cref="SubpException">SUBP0280: the tolerance is kept only where every layer stays float.</exception>
    public static IReadOnlyDictionary<string, double> Find(
        Model fused,
        Func<IReadOnlySet<string>, Int8Outcome> convert,
        double tolerance,
        InputSet inputs,
        IWorkLog context
    )
    {
        IReadOnlyDictionary<string, double> found = new Dictionary<string, double>();
        context.WithProgress(
            "layers on bytes",
            progress => found = Find(fused, convert, tolerance, inputs, progress, context.Cancellation)
        );
        return found;
    }

    private static Dictionary<string, double> Find(
        Model fused,
        Func<IReadOnlySet<string>, Int8Outcome> convert,
        double tolerance,
        InputSet inputs,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var exact = Outputs(fused, inputs, cancellation);
        double Error(IEnumerable<string> floats)
        {
            var model = convert(floats.ToHashSet(StringComparer.Ordinal)).Model;
            return OutputDifference.Of(exact, Outputs(model, inputs, cancellation), inputs).RelativeError;
        }

        var whole = Error([]);
        if (whole <= tolerance)
            return new Dictionary<string, double>(StringComparer.Ordinal);
        var ranked = Rank(fused, convert, inputs, progress, cancellation);
        string[] worst = [.. ranked.Select(layer => layer.Name)];
        // More floats hardly ever make outputs worse: the least number is found by halving, and what is found is measured.
        var (few, enough) = (0, worst.Length);
        while (enough - few > 1)
        {
            var count = (few + enough) / 2;
            if (Error(worst.Take(count)) <= tolerance)
                enough = count;
            else
                few = count;
        }

        if (enough == worst.Length)
            throw new SubpException(
                DiagnosticDescriptors.ToleranceNotKept,
                "--tolerance",
                $"outputs {Figures.Percent(whole, 2)} off in bytes, and {Figures.Percent(ranked[^1].Error, 2)} with "
                    + $"'{worst[^1]}' alone, the layer that matters least",
                $"{Figures.Percent(tolerance, 2)} with some layer in bytes",
                "Give more inputs with --calibration, try another method with --ranges or --equalize, or allow more."
            );
        return ranked.Take(enough).ToDictionary(layer => layer.Name, layer => layer.Error, StringComparer.Ordinal);
    }

    /// <summary>The convolutions and linear layers on bytes, those first that cause the largest error alone.</summary>
    /// <param name="fused">The network of floats.</param>
    /// <param name="convert">Makes the network of bytes in which some nodes stay float.</param>
    /// <param name="inputs">What outputs are compared on.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static IReadOnlyList<(string Name, double Error)> Rank(
        Model fused,
        Func<IReadOnlySet<string>, Int8Outcome> convert,
        InputSet inputs,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var exact = Outputs(fused, inputs, cancellation);
        string[] layers =
        [
            .. convert(new HashSet<string>())
                .Layers.Where(layer => layer.FloatReason is null)
                .Select(layer => fused.Graph.FindNode(layer.Name)!)
                .Where(node => node.Operator is Conv2d or Linear)
                .Select(node => node.Name),
        ];
        var alone = new List<(string Name, double Error)>();
        foreach (var layer in layers)
        {
            var others = layers.Where(other => other != layer).ToHashSet(StringComparer.Ordinal);
            var outputs = Outputs(convert(others).Model, inputs, cancellation);
            alone.Add((layer, OutputDifference.Of(exact, outputs, inputs).RelativeError));
            progress((double)alone.Count / layers.Length, layer);
        }

        return [.. alone.OrderByDescending(layer => layer.Error)];
    }

    private static ReferenceOutputs Outputs(Model model, InputSet inputs, CancellationToken cancellation) =>
        ReferenceOutputs.Compute(model, inputs, static (_, _) => { }, cancellation);
}
