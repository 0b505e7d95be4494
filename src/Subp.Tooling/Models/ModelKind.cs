using Subp.Core.Diagnostics;
using Subp.Tooling.Failures;

namespace Subp.Tooling.Models;

/// <summary>What a path on the command line leads to.</summary>
internal enum ModelKind
{
    /// <summary>A .subp file with its weights beside it, or a folder with <c>model.subp</c>.</summary>
    Bundle,

    /// <summary>An ONNX file.</summary>
    Onnx,

    /// <summary>A compiled model.</summary>
    Assembly,
}

/// <summary>Tells files apart by their endings.</summary>
internal static class ModelKinds
{
    /// <summary>The kind of an existing file or folder.</summary>
    /// <exception cref="SubpException">It does not exist, or its ending is not known.</exception>
    public static ModelKind Of(string path) =>
        Directory.Exists(path)
            ? ModelKind.Bundle
            : Path.GetExtension(path).ToLowerInvariant() switch
            {
                _ when !File.Exists(path) => throw new SubpException(FailureReport.NotFound(path)),
                ".subp" => ModelKind.Bundle,
                ".onnx" => ModelKind.Onnx,
                ".dll" => ModelKind.Assembly,
                var ending => throw Unknown(path, ending, "a file that ends in .subp, .onnx or .dll"),
            };

    /// <summary>The diagnostic of a kind that a command cannot use.</summary>
    public static SubpException Unknown(string path, string ending, string expected, string action = "") =>
        new(DiagnosticDescriptors.InputKind, path, ending.Length == 0 ? "a file without an ending" : $"'{ending}'", expected, action);
}
