using System.Text;
using Subp.Core.Graphs;
using Subp.Core.Storage;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// What emitted code bakes in about the canonical weights file: its length, its structure hash and where everything lies.
/// </summary>
internal sealed class WeightPlaces
{
    private readonly WeightFileLayout _layout;

    private WeightPlaces(WeightFileLayout layout)
    {
        _layout = layout;
        // Emitted code parses no JSON: the canonical header is a function of the structure, so the hash always lies at the same place.
        HashOffset = IndexOf(layout.HeaderBytes(), Encoding.ASCII.GetBytes(layout.StructureHash));
    }

    /// <summary>The structure hash, 64 lower-case hex digits.</summary>
    public string StructureHash => _layout.StructureHash;

    /// <summary>The first byte of the structure hash in the file.</summary>
    public int HashOffset { get; }

    /// <summary>The length of the header in bytes, the 8 bytes of its length included.</summary>
    public int HeaderLength => _layout.HeaderLength;

    /// <summary>The length of the file in bytes.</summary>
    public long FileLength => _layout.Length;

    /// <summary>The places in the weights file of a graph.</summary>
    public static WeightPlaces Of(Graph source) => new(WeightFileLayout.Of(source));

    /// <summary>The first byte of the values of a parameter, counted from the start of the file.</summary>
    public long Offset(string parameter) => _layout.Tensor(parameter).Offset;

    /// <summary>Whether the file has scales of a parameter, for its integers of few bits.</summary>
    public static bool HasScales(Parameter parameter) => parameter is { Bits: not null, Element: ElementType.Float32 };

    /// <summary>The first byte of the scales of a parameter of few bits, counted from the start of the file.</summary>
    public long ScalesOffset(string parameter) => _layout.Scales(parameter).Offset;

    private static int IndexOf(byte[] text, byte[] part)
    {
        for (var start = 0; start + part.Length <= text.Length; start++)
        {
            var length = 0;
            while (length < part.Length && text[start + length] == part[length])
                length++;
            if (length == part.Length)
                return start;
        }

        throw new InvalidOperationException("The header of the weights file holds no structure hash.");
    }
}
