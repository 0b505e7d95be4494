using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Tooling.Failures;
using Subp.Training.Interchange;
using Subp.Training.Interchange.Networks;
using Subp.Training.Interchange.StateDict;

namespace Subp.Tooling.Models;

/// <summary>Reads the files of PyTorch, which hold weights without a structure, into networks of the zoo.</summary>
internal static class StateDictionaryNetwork
{
    private const string Height = "height";
    private const string Width = "width";
    private static readonly string[] s_endings = [".pth", ".pt", ".pth.tar", ".pt.tar", ".safetensors"];

    /// <summary>The endings, for messages.</summary>
    public static string Endings => string.Join(", ", s_endings);

    /// <summary>Whether a path ends as one of these files does.</summary>
    public static bool IsOne(string path) => s_endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>The path without its ending.</summary>
    public static string Stem(string path) =>
        path[..^s_endings.Where(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)).Max(ending => ending.Length)];

    /// <summary>Reads a file and packs the network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The network, or null for the one that the names in the file show.</param>
    /// <param name="shape">Batch, height and width of the input, which the file does not have.</param>
    /// <param name="observer">Hears of each packing pass.</param>
    /// <exception cref="SubpException">The file is missing or broken, or does not fit the network.</exception>
    public static Model Read(string path, string? name, ImportOptions shape, PassObserver? observer) =>
        PassPipeline.Pack(ReadUnpacked(path, name, shape), observer);

    /// <summary>Reads a file; batch normalisations stay as they are.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The network, or null for the one that the names in the file show.</param>
    /// <param name="shape">Batch, height and width of the input, which the file does not have.</param>
    /// <exception cref="SubpException">The file is missing or broken, or does not fit the network.</exception>
    public static Model ReadUnpacked(string path, string? name, ImportOptions shape)
    {
        if (!File.Exists(path))
            throw new SubpException(FailureReport.NoFile(path));

        foreach (var dimension in shape.Dimensions.Keys.Where(dimension => dimension is not (Height or Width)))
            throw new SubpException(DiagnosticDescriptors.Usage, "--dim", $"'{dimension}'", $"'{Height}' or '{Width}' for {path}");

        var state = StateDictionaryFile.Read(path);
        int? Extent(string dimension) => shape.Dimensions.TryGetValue(dimension, out var extent) ? extent : null;
        var graph = NetworkRecognition.Build(
            name ?? NetworkRecognition.Recognise(state),
            state,
            shape.Batch,
            Extent(Height),
            Extent(Width)
        );
        RequireShape(graph, shape, Extent(Height), Extent(Width));
        return PretrainedWeights.Load(state, graph).ToModel();
    }

    private static void RequireShape(Graph graph, ImportOptions wanted, int? height, int? width)
    {
        var shape = graph.Inputs[0].Shape;
        if (shape.Batch != wanted.Batch || (height ?? shape.Height) != shape.Height || (width ?? shape.Width) != shape.Width)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--batch or --dim",
                FormattableString.Invariant($"{wanted.Batch} images of {height ?? shape.Height} x {width ?? shape.Width}"),
                $"{shape}, the one input that '{graph.Name}' has"
            );
    }
}
