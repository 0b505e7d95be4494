using System.Security.Cryptography;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Storage;
using Subp.Core.Text;

namespace Subp.Core.Weights;

/// <summary>The two files of a network: structure as .subp text, values as .safetensors bytes.</summary>
/// <param name="SubpText">The .subp text, which names structure hash and weights hash.</param>
/// <param name="Safetensors">The canonical .safetensors file.</param>
public sealed record ModelBundle(string SubpText, byte[] Safetensors)
{
    // A tiny file may claim huge tensors of which it keeps almost nothing; real networks stay far below both bounds.
    private const long HarmlessElements = 1 << 22;
    private const long DensePerStored = 256;
    private const int CopiedAtOnce = 1 << 20;

    /// <summary>Writes a network. The same network gives the same bytes.</summary>
    /// <param name="model">The network.</param>
    /// <param name="hints">Plan hints in place of those of the network, or null for these.</param>
    /// <exception cref="SubpException">A weight is missing, has another shape, is not finite or breaks its pattern.</exception>
    public static ModelBundle Write(Model model, PlanHints? hints = null)
    {
        using var weights = OpenWeights(model);
        var bytes = new byte[weights.Length];
        weights.ReadExactly(bytes);
        return new ModelBundle(TextOf(model, HashOf(bytes), hints), bytes);
    }

    /// <summary>Writes a network whose weights go to a stream, without a copy of them in memory.</summary>
    /// <param name="model">The network.</param>
    /// <param name="safetensors">Receives the .safetensors file.</param>
    /// <param name="hints">Plan hints in place of those of the network, or null for these.</param>
    /// <returns>The .subp text.</returns>
    /// <exception cref="SubpException">A weight is missing, has another shape, is not finite or breaks its pattern.</exception>
    public static string Write(Model model, Stream safetensors, PlanHints? hints = null)
    {
        using var weights = OpenWeights(model);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[CopiedAtOnce];
        int count;
        while ((count = weights.Read(buffer)) > 0)
        {
            hash.AppendData(buffer, 0, count);
            safetensors.Write(buffer, 0, count);
        }

        return TextOf(model, Convert.ToHexStringLower(hash.GetHashAndReset()), hints);
    }

    /// <summary>The .safetensors file of a network, to be read from the beginning to the end.</summary>
    /// <exception cref="SubpException">A weight is missing, has another shape, is not finite or breaks its pattern.</exception>
    public static SafetensorsStream OpenWeights(Model model)
    {
        RequireComplete(model, "weights");
        return new SafetensorsStream(WeightFileLayout.Of(model.Graph), model.Weights);
    }

    /// <summary>Reads a network and checks that text and weights belong together.</summary>
    /// <param name="subpText">The .subp text.</param>
    /// <param name="subpName">The name of the text for messages.</param>
    /// <param name="safetensors">The .safetensors file; any order of tensors will do as long as the .subp text names its hash or
    /// none.</param>
    /// <param name="safetensorsName">The name of the weights for messages.</param>
    /// <returns>The network with dense weights, zero where pruned, and its plan hints once more.</returns>
    /// <exception cref="SubpException">Either is broken, or they do not belong together (SUBP0304), or a weight is missing (SUBP0302), has
    /// the wrong shape or type (SUBP0303) or is not finite (SUBP0305).</exception>
    public static (Model Model, PlanHints Hints) Read(
        string subpText,
        string subpName,
        ReadOnlyMemory<byte> safetensors,
        string safetensorsName
    )
    {
        var document = SubpParser.Parse(subpText, subpName);
        var file = SafetensorsReader.Read(safetensors, safetensorsName);
        if (document.WeightsHash is { } expected && HashOf(safetensors.Span) is var actual && actual != expected)
            throw Foreign(safetensorsName, $"a file of sha256:{actual}", $"sha256:{expected}, as {subpName} says");
        var structure = StructureHash.Compute(document.Graph);
        if (!file.Metadata.TryGetValue(WeightFileLayout.StructureKey, out var written))
            throw Foreign(safetensorsName, "no structure hash in the metadata", $"sha256:{structure}");
        if (written != structure)
            throw Foreign(
                safetensorsName,
                $"weights of the structure sha256:{written}",
                $"sha256:{structure}, the structure of {subpName}"
            );

        var model = new Model(document.Graph, ReadWeights(document.Graph, file, safetensorsName)) { Hints = document.Hints };
        RequireComplete(model, safetensorsName);
        return (model, document.Hints);
    }

    /// <summary>The sha256 by which a .subp file names its weights: 64 lower-case hex digits.</summary>
    public static string HashOf(ReadOnlySpan<byte> safetensors) => Convert.ToHexStringLower(SHA256.HashData(safetensors));

    private static string TextOf(Model model, string weightsHash, PlanHints? hints) =>
        SubpPrinter.Print(new SubpDocument(model.Graph, weightsHash, hints ?? model.Hints));

    private static WeightSet ReadWeights(Graph graph, SafetensorsFile file, string fileName)
    {
        var tensors = file.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var layout = WeightFileLayout.Of(graph);
        var declared = layout.Tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var tensor in file.Tensors)
        {
            if (!declared.Contains(tensor.Name))
                throw new SubpException(
                    DiagnosticDescriptors.WeightMissing,
                    fileName,
                    $"the tensor '{tensor.Name}'",
                    "only tensors that the graph declares"
                );
        }

        var dense = graph.Parameters.Sum(parameter => (long)parameter.Shape.ElementCount);
        var stored = file.Tensors.Sum(tensor => tensor.Shape.Aggregate(1L, (count, dimension) => count * dimension));
        if (dense > Math.Max(HarmlessElements, stored * DensePerStored))
            throw new SubpException(
                DiagnosticDescriptors.TooLarge,
                fileName,
                FormattableString.Invariant($"{dense} weights of which {stored} are stored"),
                FormattableString.Invariant($"at most {DensePerStored} times as many weights as are stored")
            );

        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
        {
            var values = Bytes(tensors, layout.Tensor(parameter.Name), fileName);
            weights[parameter.Name] =
                parameter.Bits is null ? WeightTensor.FromStored(parameter, values)
                : parameter.Element == ElementType.Int8 ? FewBitsForm.Read(parameter, values, default, fileName)
                : FewBitsForm.Read(parameter, values, Bytes(tensors, layout.Scales(parameter.Name), fileName), fileName);
        }

        return weights;
    }

    private static ReadOnlySpan<byte> Bytes(Dictionary<string, SafetensorsTensor> tensors, StoredTensor stored, string fileName)
    {
        if (!tensors.TryGetValue(stored.Name, out var tensor))
            throw new SubpException(
                DiagnosticDescriptors.WeightMissing,
                fileName,
                $"no tensor '{stored.Name}'",
                "a tensor for every parameter"
            );
        var element = ElementTypes.StoredWord(stored.Element);
        if (tensor.ElementType != element || !tensor.Shape.SequenceEqual(stored.Shape.Select(dimension => (long)dimension)))
            throw new SubpException(
                DiagnosticDescriptors.WeightShape,
                $"{fileName}, tensor '{stored.Name}'",
                $"{tensor.ElementType}[{string.Join(",", tensor.Shape)}]",
                $"{element}[{string.Join(",", stored.Shape)}]"
            );
        return tensor.Bytes.Span;
    }

    private static void RequireComplete(Model model, string place)
    {
        // What a node passes on as it is has the role of a value.
        var layers = model
            .Graph.Nodes.SelectMany(node => node.Operator.Parameters)
            .Where(use => use.Role != "value")
            .Select(use => use.Name)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var parameter in model.Graph.Parameters)
        {
            var (weight, tensor) = (model.Weights.Require(parameter), $"{place}, tensor '{parameter.Name}'");
            // Masks add minus infinity, or choose it; layers multiply, and make NaN of it.
            if (layers.Contains(parameter.Name))
                weight.RequireFinite(tensor);
            else
                weight.RequireNumbers(tensor);
        }

        QuantizationCheck.Require(model, place);
        foreach (var name in model.Weights.Names)
        {
            if (model.Graph.FindParameter(name) is null)
                throw new SubpException(
                    DiagnosticDescriptors.WeightMissing,
                    place,
                    $"the tensor '{name}'",
                    "only tensors that the graph declares"
                );
        }
    }

    private static SubpException Foreign(string place, string found, string expected) =>
        new(
            DiagnosticDescriptors.WeightHashMismatch,
            place,
            found,
            expected,
            "Give the weights that were written together with the .subp file."
        );
}
