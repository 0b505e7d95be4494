using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Storage;

/// <summary>
/// The canonical .safetensors file of a graph, as far as structure decides it: the exact bytes of the header and the place of every
/// parameter. Emitted code bakes the offsets in and reads block-sparse values as they lie; so these come first where whole blocks fill
/// cache lines, and start at multiples of 64 bytes. Single bytes come last, behind what must be aligned to more.
/// </summary>
public sealed class WeightFileLayout
{
    /// <summary>The value of the metadata key <c>format</c>.</summary>
    public const string Format = "subp";

    /// <summary>The metadata key of the format.</summary>
    public const string FormatKey = "format";

    /// <summary>The metadata key of the structure hash.</summary>
    public const string StructureKey = "structure";

    private readonly byte[] _header;
    private readonly Dictionary<string, StoredTensor> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredTensor> _scales = new(StringComparer.Ordinal);

    private WeightFileLayout(string structureHash, byte[] header, IReadOnlyList<StoredTensor> tensors, int length)
    {
        StructureHash = structureHash;
        _header = header;
        Tensors = tensors;
        Length = length;
        foreach (var tensor in tensors)
            (tensor.IsScales ? _scales : _byName)[tensor.Parameter.Name] = tensor;
    }

    /// <summary>The structure hash in the metadata of the file.</summary>
    public string StructureHash { get; }

    /// <summary>The tensors in the order of the file.</summary>
    public IReadOnlyList<StoredTensor> Tensors { get; }

    /// <summary>The length of the whole file in bytes.</summary>
    public int Length { get; }

    /// <summary>The length of the header in bytes, a multiple of 64; the first value follows it.</summary>
    public int HeaderLength => _header.Length;

    /// <summary>A copy of the header: 8 bytes of length, the JSON text, spaces.</summary>
    public byte[] HeaderBytes() => (byte[])_header.Clone();

    /// <summary>The place of one parameter.</summary>
    /// <exception cref="KeyNotFoundException">The graph declares no such parameter.</exception>
    public StoredTensor Tensor(string parameter) =>
        _byName.TryGetValue(parameter, out var tensor) ? tensor : throw new KeyNotFoundException($"No stored tensor '{parameter}'.");

    /// <summary>The place of the scales of a parameter of few bits.</summary>
    /// <exception cref="KeyNotFoundException">The graph declares no such parameter, or it has none.</exception>
    public StoredTensor Scales(string parameter) =>
        _scales.TryGetValue(parameter, out var tensor) ? tensor : throw new KeyNotFoundException($"No stored scales of '{parameter}'.");

    /// <summary>The layout of the file of a graph.</summary>
    /// <exception cref="SubpException">The file would be larger than 2 GiB, or a parameter bears the name reserved for
    /// metadata.</exception>
    public static WeightFileLayout Of(Graph graph)
    {
        if (graph.FindParameter(SafetensorsHeader.MetadataKey) is not null)
            throw new SubpException(
                DiagnosticDescriptors.DuplicateName,
                $"parameter '{SafetensorsHeader.MetadataKey}'",
                "the name that .safetensors files reserve for metadata",
                "another name"
            );
        var ordered = graph.Parameters.SelectMany(parameter => TensorsOf(graph, parameter)).OrderBy(Rank).ToArray();
        var hash = Text.StructureHash.Compute(graph);
        var header = SafetensorsHeader.Build(
            [new(FormatKey, Format), new(StructureKey, hash)],
            ordered.Select(tensor => (tensor.Name, tensor.Element, tensor.Shape))
        );

        var tensors = new List<StoredTensor>();
        long offset = header.Length;
        foreach (var tensor in ordered)
        {
            long length = ElementTypes.SizeOf(tensor.Element);
            foreach (var dimension in tensor.Shape)
                length *= dimension;
            if (offset + length > int.MaxValue)
                throw new SubpException(
                    DiagnosticDescriptors.TooLarge,
                    $"graph '{graph.Name}'",
                    FormattableString.Invariant($"weights of {offset + length} bytes or more"),
                    FormattableString.Invariant($"at most {int.MaxValue} bytes")
                );
            tensors.Add(tensor with { Offset = (int)offset, ByteLength = (int)length });
            offset += length;
        }

        return new WeightFileLayout(hash, header, tensors, (int)offset);
    }

    // Values, and of floats of few bits their scales as well, without places.
    private static IEnumerable<StoredTensor> TensorsOf(Graph graph, Parameter parameter)
    {
        yield return new StoredTensor(parameter, 0, 0, StoredTensor.ShapeOf(parameter));
        if (parameter is { Bits: not null, Element: ElementType.Float32 })
            yield return new StoredTensor(parameter, 0, 0, [parameter.Shape[0]]) { Name = ScalesName(graph, parameter), IsScales = true };
    }

    // Names grow by the same letter, so that those of two parameters cannot meet.
    private static string ScalesName(Graph graph, Parameter parameter)
    {
        var name = parameter.Name + ".scale";
        while (graph.FindParameter(name) is not null)
            name += "_";
        return name;
    }

    // Whole cache lines first, then whole words, then single bytes: nothing in front shifts what comes behind off its alignment.
    private static int Rank(StoredTensor tensor)
    {
        var size = ElementTypes.SizeOf(tensor.Element);
        var isPacked = tensor.IsScales || tensor.Parameter.Bits is not null;
        return !isPacked && tensor.Parameter.Pattern is { } pattern && pattern.BlockLength * size % SafetensorsHeader.Alignment == 0 ? 0
            : size == sizeof(float) ? 1
            : 2;
    }
}
