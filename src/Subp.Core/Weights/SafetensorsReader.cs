using System.Buffers.Binary;
using System.Text.Json;
using Subp.Core.Diagnostics;
using Subp.Core.Storage;

namespace Subp.Core.Weights;

/// <summary>
/// Reads any .safetensors file. Every field of the header is checked against the size of the file before anything is allocated for it:
/// header length, JSON form, duplicate keys, element types, shapes, offsets without holes or overlaps, total size.
/// </summary>
public static class SafetensorsReader
{
    private const int LengthBytes = 8;
    private const int LongestHeader = 100_000_000;

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">The whole file; the tensors keep pointing into it.</param>
    /// <param name="fileName">The name of the file for messages, as the user gave it.</param>
    /// <exception cref="SubpException">SUBP0301: the file is broken.</exception>
    public static SafetensorsFile Read(ReadOnlyMemory<byte> bytes, string fileName)
    {
        if (bytes.Length < LengthBytes)
            throw Broken(fileName, $"{bytes.Length} bytes", $"at least {LengthBytes} for the length of the header");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
        if (headerLength is < 2 or > LongestHeader || headerLength > (ulong)(bytes.Length - LengthBytes))
            throw Broken(
                fileName,
                $"a header of {headerLength} bytes in a file of {bytes.Length}",
                $"2 to {Math.Max(2, Math.Min(LongestHeader, bytes.Length - LengthBytes))} bytes"
            );
        var header = bytes.Slice(LengthBytes, (int)headerLength);
        var values = bytes[(LengthBytes + (int)headerLength)..];
        try
        {
            return ReadHeader(header.Span, values, fileName);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The reader of the base library reports bad JSON with the first type and bad Unicode in strings with the second.
            var place = exception is JsonException json ? $"{fileName}({json.LineNumber + 1},{json.BytePositionInLine + 1})" : fileName;
            throw new SubpException(
                new Diagnostic(DiagnosticDescriptors.SafetensorsFormat, place, "a header that is not JSON", "a JSON object"),
                exception
            );
        }
    }

    private static SafetensorsFile ReadHeader(ReadOnlySpan<byte> header, ReadOnlyMemory<byte> values, string fileName)
    {
        if (header[0] != '{')
            throw Broken(fileName, "a header that does not start with '{'", "a JSON object");
        var json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 4 });
        json.Read();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var tensors = new List<(SafetensorsTensor Tensor, long Begin, long End)>();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            if (!seen.Add(name))
                throw Broken(fileName, $"a second entry '{name}'", "each name once");
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject)
                throw Broken(fileName, $"the entry '{name}' that is not an object", "an object");
            if (name == SafetensorsHeader.MetadataKey)
                ReadMetadata(ref json, metadata, fileName);
            else
                tensors.Add(ReadTensor(ref json, name, values, fileName));
        }

        // Reading on to the end makes the JSON reader refuse anything but white space behind the object.
        while (json.Read()) { }

        RequireContiguous(tensors, values.Length, fileName);
        return new SafetensorsFile(metadata, [.. tensors.Select(entry => entry.Tensor)]);
    }

    private static void ReadMetadata(ref Utf8JsonReader json, Dictionary<string, string> metadata, string fileName)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            if (json.TokenType != JsonTokenType.String)
                throw Broken(fileName, $"the metadata '{key}' that is not a string", "a string");
            if (!metadata.TryAdd(key, json.GetString()!))
                throw Broken(fileName, $"a second metadata '{key}'", "each key once");
        }
    }

    private static (SafetensorsTensor Tensor, long Begin, long End) ReadTensor(
        ref Utf8JsonReader json,
        string name,
        ReadOnlyMemory<byte> values,
        string fileName
    )
    {
        var place = $"{fileName}, tensor '{name}'";
        string? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            switch (key)
            {
                case "dtype" when type is null && json.TokenType == JsonTokenType.String:
                    type = json.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref json, place, key);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(ref json, place, key);
                    break;
                default:
                    throw Broken(place, $"the field '{key}'", "dtype, shape and data_offsets, once each");
            }
        }

        if (type is null || shape is null || offsets is not { Count: 2 })
            throw Broken(place, "a missing field", "dtype, shape and two data_offsets");
        var size = SizeOf(type) ?? throw Broken(place, $"the dtype '{type}'", "a type of the .safetensors format");
        long? length = size;
        foreach (var dimension in shape)
            length = length is null || (dimension != 0 && length > long.MaxValue / dimension) ? null : length * dimension;
        if (offsets[1] < offsets[0] || offsets[1] > values.Length)
            throw Broken(place, $"values from {offsets[0]} to {offsets[1]}", $"ascending offsets within {values.Length} bytes");
        if (length is null)
            throw Broken(place, $"the shape [{string.Join(",", shape)}]", "fewer than 2^63 bytes");
        if (length != offsets[1] - offsets[0])
            throw Broken(place, $"{offsets[1] - offsets[0]} bytes", $"{length} for the shape [{string.Join(",", shape)}] of {type}");
        return (new SafetensorsTensor(name, type, shape, values.Slice((int)offsets[0], (int)length)), offsets[0], offsets[1]);
    }

    private static List<long> ReadIntegers(ref Utf8JsonReader json, string place, string key)
    {
        var integers = new List<long>();
        if (json.TokenType != JsonTokenType.StartArray)
            throw Broken(place, $"'{key}' that is not a list", "a list of integers");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var value) || value < 0)
                throw Broken(place, $"an item of '{key}' that is not a count", "integers from 0 to 2^63 - 1");
            integers.Add(value);
        }

        return integers;
    }

    private static void RequireContiguous(List<(SafetensorsTensor Tensor, long Begin, long End)> tensors, int length, string fileName)
    {
        tensors.Sort((left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
        long end = 0;
        foreach (var entry in tensors)
        {
            if (entry.Begin != end)
                throw Broken(
                    $"{fileName}, tensor '{entry.Tensor.Name}'",
                    $"values that start at {entry.Begin}",
                    $"{end}, where the ones before end"
                );
            end = entry.End;
        }

        if (end != length)
            throw Broken(fileName, $"{length} bytes of values", $"{end}, the sum of all tensors");
    }

    private static int? SizeOf(string type) =>
        type switch
        {
            "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" => 1,
            "U16" or "I16" or "F16" or "BF16" => 2,
            "U32" or "I32" or "F32" => 4,
            "U64" or "I64" or "F64" => 8,
            _ => null,
        };

    private static SubpException Broken(string location, string found, string expected) =>
        new(
            DiagnosticDescriptors.SafetensorsFormat,
            location,
            found,
            expected,
            "The file was cut off or changed after it was written; get it again."
        );
}
