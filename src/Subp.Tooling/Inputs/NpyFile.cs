using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Tooling.Inputs;

/// <summary>
/// Reads one tensor of 32-bit floats: the .npy format of NumPy (versions 1 to 3, little-endian, C order), or raw little-endian floats.
/// For a network of bytes the numbers are 0 to 255, and the file may hold them as bytes. Source of the format: numpy.lib.format.
/// </summary>
internal static class NpyFile
{
    private const string Floats = "'<f4'";
    private const string Bytes = "'|u1'";
    private static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The floats of a file.</summary>
    /// <param name="path">The file; everything that does not start like an .npy file is raw floats.</param>
    /// <param name="shape">The shape that the network wants, as for <see cref="ReadMany"/>.</param>
    /// <exception cref="SubpException">The file holds something else, or another number of floats.</exception>
    public static float[] Read(string path, TensorShape shape)
    {
        var count = shape.ElementCount;
        var bytes = File.ReadAllBytes(path);
        var values = bytes.AsSpan().StartsWith(Magic) ? Values(path, bytes, shape, [Floats], out _) : bytes.AsSpan();
        if (values.Length != (long)count * sizeof(float))
            throw Invalid(
                path,
                FormattableString.Invariant($"{values.Length} bytes of values"),
                FormattableString.Invariant($"{(long)count * sizeof(float)}: {count} floats for the input of the network")
            );
        var floats = new float[count];
        values.CopyTo(MemoryMarshal.AsBytes(floats.AsSpan()));
        return floats;
    }

    /// <summary>The numbers of a file for a network that takes bytes.</summary>
    /// <param name="path">The file; what does not start like an .npy file is raw bytes or raw floats, which its length tells.</param>
    /// <param name="shape">The shape that the network wants, as for <see cref="ReadMany"/>.</param>
    /// <exception cref="SubpException">The file holds something else, another number of values, or one that is no byte.</exception>
    public static float[] ReadBytes(string path, TensorShape shape)
    {
        var count = shape.ElementCount;
        var content = File.ReadAllBytes(path);
        var type = content.Length == count ? Bytes : Floats;
        var values = content.AsSpan().StartsWith(Magic) ? Values(path, content, shape, [Bytes, Floats], out type) : content.AsSpan();
        if (values.Length != (long)count * (type == Bytes ? 1 : sizeof(float)))
            throw Invalid(
                path,
                FormattableString.Invariant($"{values.Length} bytes of values"),
                FormattableString.Invariant($"{count} bytes or {(long)count * sizeof(float)}, as many floats, for the input of the network")
            );
        var numbers = new float[count];
        if (type == Bytes)
        {
            for (var index = 0; index < count; index++)
                numbers[index] = values[index];
            return numbers;
        }

        values.CopyTo(MemoryMarshal.AsBytes(numbers.AsSpan()));
        // Of other numbers a byte would be made in silence, of normalised ones a black image.
        var wrong = Array.FindIndex(numbers, number => !(number is >= byte.MinValue and <= byte.MaxValue && number == MathF.Floor(number)));
        return wrong < 0
            ? numbers
            : throw Invalid(
                path,
                FormattableString.Invariant($"the number {numbers[wrong]} at {wrong}"),
                "whole numbers from 0 to 255: the network takes bytes",
                "Give the pixels as they are, not normalised: numpy.save(path, x.astype('uint8'))."
            );
    }

    /// <summary>The inputs of a file that holds any number of them behind each other.</summary>
    /// <param name="path">The file; everything that does not start like an .npy file is raw floats.</param>
    /// <param name="shape">The shape of one input. Of an .npy file the last dimensions are the same, those of 1 left out, or all numbers of
    /// an input are one.</param>
    /// <exception cref="SubpException">The file holds something else, or no whole number of inputs.</exception>
    public static IReadOnlyList<float[]> ReadMany(string path, TensorShape shape)
    {
        var count = shape.ElementCount;
        var bytes = File.ReadAllBytes(path);
        var values = bytes.AsSpan().StartsWith(Magic) ? Values(path, bytes, shape, [Floats], out _) : bytes.AsSpan();
        var size = (long)count * sizeof(float);
        if (values.Length == 0 || values.Length % size != 0)
            throw Invalid(
                path,
                FormattableString.Invariant($"{values.Length} bytes of values"),
                FormattableString.Invariant($"a multiple of {size}: {count} floats for every input of the network")
            );
        var inputs = new float[values.Length / size][];
        for (var index = 0; index < inputs.Length; index++)
        {
            inputs[index] = new float[count];
            values.Slice(index * (int)size, (int)size).CopyTo(MemoryMarshal.AsBytes(inputs[index].AsSpan()));
        }

        return inputs;
    }

    private static Span<byte> Values(string path, byte[] bytes, TensorShape shape, string[] types, out string type)
    {
        if (bytes.Length < 12)
            throw Invalid(path, "an .npy file that ends in its header", "a whole file");
        var wide = bytes[6] >= 2;
        var start = wide ? 12 : 10;
        var length = wide
            ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8))
            : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        if (start + (long)length > bytes.Length)
            throw Invalid(path, "an .npy file that ends in its header", "a whole file");
        var header = Encoding.Latin1.GetString(bytes, start, (int)length).Replace(" ", "", StringComparison.Ordinal);
        var found = Array.Find(types, known => header.Contains($"'descr':{known}", StringComparison.Ordinal));
        if (found is null || !header.Contains("'fortran_order':False", StringComparison.Ordinal))
            throw Invalid(
                path,
                $"the header {header.TrimEnd()}",
                $"{string.Join(" or ", types)} in C order",
                $"Save it with numpy.save(path, x.astype('{(types[0] == Bytes ? "uint8" : "float32")}'))."
            );
        type = found;
        RequireShape(path, header, shape);
        return bytes.AsSpan(start + (int)length);
    }

    // Numbers of another shape would be taken as those of an image that is sheared, and nothing would say so.
    private static void RequireShape(string path, string header, TensorShape shape)
    {
        const string Key = "'shape':(";
        var from = header.IndexOf(Key, StringComparison.Ordinal) + Key.Length;
        var to = header.IndexOf(')', from);
        if (from < Key.Length || to < 0)
            throw Invalid(path, $"the header {header.TrimEnd()}", "one with a shape");
        int[] found =
        [
            .. header[from..to]
                .Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var extent) ? extent : 0)
                .Where(extent => extent != 1),
        ];
        int[] wanted = [.. shape.Dimensions.Skip(shape.Rank > 1 ? 1 : 0).Where(extent => extent != 1)];
        if (found.Length < 2 || found.AsSpan().EndsWith(wanted))
            return;
        long one = wanted.Aggregate(1L, (product, extent) => product * extent);
        // All numbers of an input as one dimension; or a vector that the file has as an image.
        if (found[^1] == one || (wanted.Length < 2 && Suffixes(found).Contains(one)))
            return;
        var isLast = wanted.Length == 3 && found.AsSpan().EndsWith(new[] { wanted[1], wanted[2], wanted[0] });
        throw Invalid(
            path,
            $"the shape ({header[from..to].Replace(",", ", ", StringComparison.Ordinal).TrimEnd()})",
            $"inputs of {shape} behind each other",
            isLast ? "Channels come first: save x.transpose(0, 3, 1, 2)." : ""
        );
    }

    private static IEnumerable<long> Suffixes(int[] extents)
    {
        long product = 1;
        for (var index = extents.Length - 1; index >= 0; index--)
            yield return product *= extents[index];
    }

    private static SubpException Invalid(string path, string found, string expected, string action = "") =>
        new(DiagnosticDescriptors.InputTensor, path, found, expected, action);
}
