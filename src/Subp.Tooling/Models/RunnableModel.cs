using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Roslyn;
using Subp.Tooling.Text;

namespace Subp.Tooling.Models;

/// <summary>What the tools need to know about a DLL beyond running it.</summary>
internal static class RunnableModel
{
    /// <summary>True for a network that takes bytes.</summary>
    public static bool TakesBytes(Graph graph) => graph.Inputs.All(input => input.Type.Quantization is not null);

    /// <summary>True for compiled code that takes bytes.</summary>
    public static bool TakesBytes(LoadedModel model) => model.Inputs.All(port => port.IsBytes);

    /// <summary>The shape of the input; of several, a list of all their elements.</summary>
    public static TensorShape InputShape(LoadedModel model) => new([.. model.InputShape]);

    /// <summary>The shape of the only input, for what gives a network images that have one class each.</summary>
    /// <exception cref="SubpException">SUBP0601: the network has several inputs.</exception>
    public static TensorShape ImageShape(Graph graph) =>
        graph.Inputs.Count == 1 ? graph.Inputs[0].Shape : throw Several(graph.Inputs.Count);

    /// <summary>The shape of the only input of compiled code.</summary>
    /// <exception cref="SubpException">SUBP0601: the network has several inputs.</exception>
    public static TensorShape ImageShape(LoadedModel model) =>
        model.Inputs.Count == 1 ? new([.. model.Inputs[0].Shape]) : throw Several(model.Inputs.Count);

    private static SubpException Several(int count) =>
        new(
            DiagnosticDescriptors.UnsupportedInterface,
            "accuracy",
            FormattableString.Invariant($"a network of {count} inputs"),
            "one, which takes the images",
            "Compare it with the original on its own inputs: subp verify."
        );

    /// <summary>The images of one run; 1 where the input is neither an image nor a vector.</summary>
    public static int Batch(LoadedModel model) => model.InputShape.Count is 2 or 4 ? model.InputShape[0] : 1;

    /// <summary>Class names and normalisation.</summary>
    public static ModelMetadata Metadata(LoadedModel model) =>
        new()
        {
            ClassNames = model.ClassNames,
            NormalizationMean = model.NormalizationMean,
            NormalizationDeviation = model.NormalizationDeviation,
        };

    /// <summary>The bundle a DLL was compiled from: the one that is named, or the one beside it with the same structure.</summary>
    /// <param name="dllPath">The DLL.</param>
    /// <param name="model">The DLL, loaded.</param>
    /// <param name="reference">The bundle or ONNX file that the user names, or null.</param>
    /// <param name="onnx">How an ONNX file is read.</param>
    /// <exception cref="SubpException">There is none, or it has another structure.</exception>
    public static Model Reference(string dllPath, LoadedModel model, string? reference, ImportOptions onnx)
    {
        if (reference is not null)
        {
            var named = NetworkFile.Read(reference, onnx: onnx);
            var structure = StructureHash.Compute(named.Graph);
            return structure == model.StructureHash
                ? named
                : throw new SubpException(
                    DiagnosticDescriptors.StructureDiffers,
                    reference,
                    $"the structure sha256:{structure}",
                    $"sha256:{model.StructureHash}, the structure of {dllPath}",
                    "Name the bundle the DLL was compiled from."
                );
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(dllPath))!;
        foreach (var candidate in Directory.EnumerateFiles(folder, "*.subp").Order(StringComparer.Ordinal))
        {
            if (StructureHash.Compute(SubpParser.Parse(File.ReadAllText(candidate), candidate).Graph) == model.StructureHash)
                return BundleFile.Read(candidate);
        }

        throw new SubpException(
            DiagnosticDescriptors.Usage,
            dllPath,
            "no .subp file of the same structure beside it",
            "the bundle it was compiled from",
            "Name it with --reference."
        );
    }

    /// <summary>The thread counts to use: the wanted ones that have a schedule.</summary>
    /// <param name="model">The DLL.</param>
    /// <param name="wanted">Thread counts.</param>
    /// <param name="isExplicit">True where the user asked for them, so that none may be left out.</param>
    /// <exception cref="SubpException">An asked-for count has no schedule.</exception>
    public static IReadOnlyList<int> ThreadCounts(LoadedModel model, IReadOnlyList<int> wanted, bool isExplicit)
    {
        var missing = wanted.Except(model.SupportedThreadCounts).ToArray();
        if (isExplicit && missing.Length > 0)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--threads",
                Figures.List(missing),
                $"some of {Figures.List(model.SupportedThreadCounts)}, the counts the model was compiled for",
                "Compile it again with --threads."
            );
        return [.. wanted.Intersect(model.SupportedThreadCounts)];
    }
}
