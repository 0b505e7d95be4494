using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Tooling.Failures;
using Subp.Tooling.Files;

namespace Subp.Tooling.Models;

/// <summary>A bundle on disk: <c>name.subp</c> and <c>name.safetensors</c> side by side.</summary>
internal static class BundleFile
{
    /// <summary>The stem of the two files where only a folder was named.</summary>
    public const string DefaultStem = "model";

    private const long LargestText = 256L << 20;

    /// <summary>The .subp file that a path stands for: itself, or <c>model.subp</c> in a folder.</summary>
    public static string SubpPath(string path) => Directory.Exists(path) ? Path.Combine(path, DefaultStem + ".subp") : path;

    /// <summary>The weights that belong to a .subp file.</summary>
    public static string WeightsPath(string subpPath) => Path.ChangeExtension(subpPath, ".safetensors");

    /// <summary>Reads a bundle.</summary>
    /// <param name="path">The .subp file, or a folder with <c>model.subp</c>.</param>
    /// <param name="weightsPath">The weights; null for the file beside the .subp file.</param>
    /// <exception cref="SubpException">A file is missing or broken, or the two do not belong together.</exception>
    public static Model Read(string path, string? weightsPath = null)
    {
        var subpPath = SubpPath(path);
        weightsPath ??= WeightsPath(subpPath);
        foreach (var file in new[] { subpPath, weightsPath })
        {
            if (!File.Exists(file))
                throw new SubpException(FailureReport.NoFile(file));
        }

        // Read before the text is: a multi-gigabyte file under this name is a mistake, not a network.
        var length = MappedFile.LengthOf(subpPath);
        if (length > LargestText)
            throw new SubpException(
                DiagnosticDescriptors.SubpSyntax,
                subpPath,
                FormattableString.Invariant($"{length} bytes"),
                FormattableString.Invariant($"at most {LargestText} bytes of text"),
                "Name the .subp file, not the weights."
            );
        using var weights = MapWeights(weightsPath);
        return ModelBundle.Read(File.ReadAllText(subpPath), subpPath, weights.Memory, weightsPath).Model;
    }

    /// <summary>Stages the two files of a network.</summary>
    /// <param name="outputs">The outputs of the command.</param>
    /// <param name="subpPath">The .subp file.</param>
    /// <param name="model">The network.</param>
    public static void Write(OutputSet outputs, string subpPath, Model model)
    {
        string text;
        using (var weights = File.Create(outputs.StageFile(WeightsPath(subpPath))))
            text = ModelBundle.Write(model, weights);
        outputs.WriteFile(subpPath, text);
    }

    private static MappedFile MapWeights(string path)
    {
        var length = MappedFile.LengthOf(path);
        return length <= Array.MaxLength
            ? MappedFile.Open(path)
            : throw new SubpException(
                DiagnosticDescriptors.SafetensorsFormat,
                path,
                FormattableString.Invariant($"{length} bytes"),
                FormattableString.Invariant($"at most {Array.MaxLength} bytes")
            );
    }
}
