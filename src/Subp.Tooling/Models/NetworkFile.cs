using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Onnx;

namespace Subp.Tooling.Models;

/// <summary>Reads a network from whatever file holds one, ready to be compiled.</summary>
internal static class NetworkFile
{
    /// <summary>Reads a bundle as it is, or an ONNX file and packs it.</summary>
    /// <param name="path">A .subp file, a folder with <c>model.subp</c>, or an .onnx file.</param>
    /// <param name="weights">Bundles only: the weights, or null for the file beside the .subp file.</param>
    /// <param name="onnx">ONNX only: what the file leaves open.</param>
    /// <param name="observer">ONNX only: hears of each packing pass.</param>
    /// <exception cref="SubpException">The file is missing, of another kind, or broken.</exception>
    public static Model Read(string path, string? weights = null, ImportOptions? onnx = null, PassObserver? observer = null)
    {
        switch (ModelKinds.Of(path))
        {
            case ModelKind.Bundle:
                return BundleFile.Read(path, weights);
            case ModelKind.Onnx when weights is null:
                return PassPipeline.Pack(OnnxImporter.ImportFile(path, onnx), observer);
            case ModelKind.Onnx:
                throw new SubpException(DiagnosticDescriptors.Usage, "--weights", $"weights for {path}", "weights for a .subp file only");
            default:
                throw ModelKinds.Unknown(path, Path.GetExtension(path), "a network: a file that ends in .subp or .onnx");
        }
    }
}
