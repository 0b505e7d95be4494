using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Storage;

namespace Subp.Core.Weights;

/// <summary>Writes .safetensors files: the canonical file of a bundle, or any set of dense tensors.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes the canonical file of a graph: block-sparse parameters as stored blocks, the others dense.</summary>
    /// <param name="layout">Where everything goes.</param>
    /// <param name="weights">The dense values of every parameter.</param>
    /// <exception cref="SubpException">SUBP0302: a weight is missing. SUBP0303: it has another shape. SUBP0306: it breaks its
    /// pattern. SUBP0538: it does not fit into its bits.</exception>
    public static byte[] Write(WeightFileLayout layout, WeightSet weights)
    {
        using var stream = new SafetensorsStream(layout, weights);
        var file = new byte[layout.Length];
        stream.ReadExactly(file);
        return file;
    }

    /// <summary>Writes dense tensors in the order of the set.</summary>
    /// <param name="metadata">Text for the header, in the order in which it is written.</param>
    /// <param name="weights">The tensors.</param>
    /// <exception cref="SubpException">SUBP0208: the file would be larger than 2 GiB.</exception>
    public static byte[] Write(IEnumerable<KeyValuePair<string, string>> metadata, WeightSet weights)
    {
        var header = SafetensorsHeader.Build(
            metadata,
            weights.Names.Select(name => (name, weights[name].Element, weights[name].Shape.Dimensions))
        );
        var length =
            header.Length + weights.Names.Sum(name => (long)weights[name].Shape.ElementCount * ElementTypes.SizeOf(weights[name].Element));
        if (length > Array.MaxLength)
            throw new SubpException(
                DiagnosticDescriptors.TooLarge,
                "",
                FormattableString.Invariant($"weights of {length} bytes"),
                FormattableString.Invariant($"at most {Array.MaxLength}")
            );
        var file = new byte[length];
        header.CopyTo(file, 0);
        var offset = header.Length;
        foreach (var name in weights.Names)
        {
            var values = weights[name].Stored(new Parameter(name, weights[name].Shape));
            values.Span.CopyTo(file.AsSpan(offset));
            offset += values.Length;
        }

        return file;
    }
}
