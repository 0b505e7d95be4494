using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;

namespace Subp.Tooling.Models;

/// <summary>Reads a network with its batch normalisations as they are: what compression works on.</summary>
internal static class UnfoldedNetwork
{
    /// <summary>The stem of the bundle that training leaves beside the packed one.</summary>
    public const string TrainedStem = "trained";

    /// <summary>Reads a network.</summary>
    /// <param name="path">An .onnx file, weights of PyTorch, a .subp file, or the folder of a training run.</param>
    /// <param name="network">PyTorch only: the network that the weights belong to, or null.</param>
    /// <param name="onnx">What the file leaves open.</param>
    /// <exception cref="SubpException">The file is missing, of another kind, or broken. SUBP0231: its layers are quantised.</exception>
    public static Model Read(string path, string? network, ImportOptions onnx)
    {
        var model = ReadAny(path, network, onnx);
        RequireFloatFilters(model.Graph, path);
        return model;
    }

    /// <summary>The network that a finished run left: pruned weights are zeros, with the patterns that they were pruned in.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <exception cref="SubpException">The bundle is missing or broken.</exception>
    public static Model OfRun(string folder) => BundleFile.Read(Path.Combine(folder, TrainedStem + ".subp"));

    private static Model ReadAny(string path, string? network, ImportOptions onnx)
    {
        if (StateDictionaryNetwork.IsOne(path))
            return StateDictionaryNetwork.ReadUnpacked(path, network, onnx);
        if (network is not null)
            throw new SubpException(DiagnosticDescriptors.Usage, "--model", $"a network for {path}", "one for weights of PyTorch only");
        return ModelKinds.Of(path) switch
        {
            ModelKind.Onnx => OnnxImporter.ImportFile(path, onnx),
            ModelKind.Bundle => BundleFile.Read(Trained(path)),
            _ => throw ModelKinds.Unknown(
                path,
                Path.GetExtension(path),
                $"a network: a file that ends in .subp, .onnx, {StateDictionaryNetwork.Endings}"
            ),
        };
    }

    // Integers elsewhere, such as indices, are no obstacle.
    private static void RequireFloatFilters(Graph graph, string path)
    {
        foreach (var node in graph.Nodes.Where(node => node.Operator is Conv2d or Linear))
        {
            var weight = graph.Parameter(node.Operator.Parameters[0].Name);
            if (weight.Element != ElementType.Float32)
                throw new SubpException(
                    DiagnosticDescriptors.TypeMismatch,
                    path,
                    $"weights of type {ElementTypes.Word(weight.Element)} in node '{node.Name}' ({node.Operator.Mnemonic})",
                    "f32, which is all that compression takes",
                    "Give the network before it was quantised, and quantise the result."
                );
        }
    }

    // The packed bundle of a run has its normalisations folded away.
    private static string Trained(string path)
    {
        var trained = Path.Combine(path, TrainedStem + ".subp");
        return Directory.Exists(path) && File.Exists(trained) ? trained : path;
    }
}
