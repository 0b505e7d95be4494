using Subp.Core.Diagnostics;

namespace Subp.Tooling.Models;

/// <summary>The files that a network is read from, which no command that makes another of it may replace.</summary>
internal static class SourceFiles
{
    /// <summary>Requires a bundle to lie elsewhere than the network that it is made from.</summary>
    /// <param name="source">An .onnx file, weights of PyTorch, a .subp file, or the folder of a training run.</param>
    /// <param name="target">The .subp file to write; its weights go beside it.</param>
    /// <exception cref="SubpException">SUBP0801: the bundle or its weights would replace the source.</exception>
    public static void RequireKept(string source, string target)
    {
        string[] kept = [.. Of(source).Select(Path.GetFullPath)];
        if (new[] { target, BundleFile.WeightsPath(target) }.Select(Path.GetFullPath).Any(kept.Contains))
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                target,
                "a bundle that would replace the source or its weights",
                "another name",
                "Name the .subp file with --output."
            );
    }

    private static IEnumerable<string> Of(string source)
    {
        string[] bundles =
            Directory.Exists(source) ? [BundleFile.SubpPath(source), Path.Combine(source, UnfoldedNetwork.TrainedStem + ".subp")]
            : source.EndsWith(".subp", StringComparison.OrdinalIgnoreCase) ? [source]
            : [];
        return [source, .. bundles, .. bundles.Select(BundleFile.WeightsPath)];
    }
}
