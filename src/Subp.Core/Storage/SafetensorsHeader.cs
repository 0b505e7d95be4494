using System.Globalization;
using System.Text;
using Subp.Core.Graphs;

namespace Subp.Core.Storage;

/// <summary>
/// Writes the header of a .safetensors file: its length as 8 bytes little-endian, then JSON, then spaces up to a multiple of 64 bytes.
/// </summary>
public static class SafetensorsHeader
{
    /// <summary>The values start at a multiple of this many bytes: a cache line, and the widest vector register.</summary>
    public const int Alignment = 64;

    /// <summary>The name under which the header holds text instead of a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>The bytes of a header for tensors that lie in the given order without gaps.</summary>
    /// <param name="metadata">Keys and values of the metadata, in the order in which they are written.</param>
    /// <param name="tensors">Name, element type and shape of each tensor, in the order of their values.</param>
    public static byte[] Build(
        IEnumerable<KeyValuePair<string, string>> metadata,
        IEnumerable<(string Name, ElementType Element, IReadOnlyList<int> Shape)> tensors
    )
    {
        var json = new StringBuilder("{");
        AppendString(json, MetadataKey);
        json.Append(":{");
        var separator = "";
        foreach (var entry in metadata)
        {
            json.Append(separator);
            AppendString(json, entry.Key);
            json.Append(':');
            AppendString(json, entry.Value);
            separator = ",";
        }

        json.Append('}');
        long offset = 0;
        foreach (var tensor in tensors)
        {
            json.Append(',');
            AppendString(json, tensor.Name);
            json.Append(":{\"dtype\":\"")
                .Append(ElementTypes.StoredWord(tensor.Element))
                .Append("\",\"shape\":[")
                .Append(string.Join(",", tensor.Shape.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture))));
            long length = ElementTypes.SizeOf(tensor.Element);
            foreach (var dimension in tensor.Shape)
                length *= dimension;
            json.Append(string.Format(CultureInfo.InvariantCulture, "],\"data_offsets\":[{0},{1}]}}", offset, offset += length));
        }

        json.Append('}');
        return Frame(Encoding.UTF8.GetBytes(json.ToString()));
    }

    private static byte[] Frame(byte[] json)
    {
        const int LengthBytes = 8;
        var total = (LengthBytes + json.Length + Alignment - 1) / Alignment * Alignment;
        var header = new byte[total];
        for (var index = 0; index < LengthBytes; index++)
            header[index] = (byte)((ulong)(total - LengthBytes) >> (8 * index));
        json.CopyTo(header, LengthBytes);
        for (var index = LengthBytes + json.Length; index < total; index++)
            header[index] = (byte)' ';
        return header;
    }

    private static void AppendString(StringBuilder json, string value)
    {
        json.Append('"');
        foreach (var character in value)
        {
            if (character is '"' or '\\')
                json.Append('\\').Append(character);
            else if (character < ' ')
                json.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            else
                json.Append(character);
        }

        json.Append('"');
    }
}
