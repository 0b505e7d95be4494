using System.Globalization;
using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <summary>Reads the values of tensors that lie in other files, which must stay below the folder of the model.</summary>
internal sealed class ExternalData(Func<string, Stream?>? open)
{
    // Tied weights may lie in the file once; a few bytes of model must not read one large region again and again.
    private const int MostReadings = 4;

    private readonly Dictionary<string, long> _bytesByLocation = new(StringComparer.Ordinal);

    /// <summary>The number of bytes read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Reads the bytes of one tensor.</summary>
    /// <exception cref="SubpException">The location is forbidden or absent, or holds fewer bytes than the tensor needs.</exception>
    public byte[] Read(string name, TensorProto tensor, long byteCount)
    {
        var location = Entry(tensor, "location") ?? throw Invalid(name, "no location", "an entry 'location'");
        if (!StaysBelow(location))
            throw Invalid(name, $"the location '{location}'", "a relative path below the folder of the model");
        var offset = Number(name, tensor, "offset", 0);
        var length = Number(name, tensor, "length", byteCount);
        if (length != byteCount)
            throw Invalid(
                name,
                FormattableString.Invariant($"a length of {length} bytes"),
                FormattableString.Invariant($"{byteCount} bytes")
            );
        if (open is null)
            throw Invalid(name, $"values in the file '{location}'", "a model in one file", "Import the model from its path.");
        using var stream = open(location) ?? throw Invalid(name, $"no file '{location}'", "it in the folder of the model");
        if (offset > stream.Length || byteCount > stream.Length - offset)
            throw Invalid(
                name,
                FormattableString.Invariant($"{stream.Length} bytes in '{location}'"),
                FormattableString.Invariant($"{byteCount} bytes from offset {offset}")
            );
        var total = _bytesByLocation[location] = _bytesByLocation.GetValueOrDefault(location) + byteCount;
        if (total / MostReadings > stream.Length)
            throw Invalid(
                name,
                FormattableString.Invariant($"{total} bytes wanted from the {stream.Length} of '{location}'"),
                FormattableString.Invariant($"no byte more than {MostReadings} times")
            );
        stream.Position = offset;
        var bytes = new byte[byteCount];
        stream.ReadExactly(bytes);
        BytesRead += byteCount;
        return bytes;
    }

    // A model from a stranger must not read files elsewhere on the machine.
    private static bool StaysBelow(string location) =>
        location.Length > 0
        && !location.Contains('\\')
        && !location.Contains(':')
        && !location.Contains('\0')
        && !location.StartsWith('/')
        && !location.Split('/').Contains("..");

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

    private static long Number(string name, TensorProto tensor, string key, long absent)
    {
        var text = Entry(tensor, key);
        if (text is null)
            return absent;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Invalid(name, $"{key} = '{text}'", "a number of bytes");
    }

    private static SubpException Invalid(string name, string found, string expected, string action = "") =>
        new(DiagnosticDescriptors.OnnxExternalData, $"tensor '{name}'", found, expected, action);
}
