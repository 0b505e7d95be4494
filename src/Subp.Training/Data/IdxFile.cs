using System.Buffers.Binary;
using System.IO.Compression;
using Subp.Core.Diagnostics;

namespace Subp.Training.Data;

/// <summary>
/// A file in the idx format of MNIST (big-endian header: two zero bytes, element type, number of dimensions, dimensions), raw or
/// compressed with gzip. Only unsigned bytes are read, which is what MNIST and Fashion-MNIST hold.
/// </summary>
public sealed record IdxFile
{
    private const byte UnsignedByte = 0x08;
    private const long MaximumLength = 1L << 31;

    private IdxFile(string path, int[] dimensions, byte[] values)
    {
        Path = path;
        Dimensions = dimensions;
        Values = values;
    }

    /// <summary>The file, as it was named.</summary>
    public string Path { get; }

    /// <summary>The dimensions, outermost first.</summary>
    public IReadOnlyList<int> Dimensions { get; }

    /// <summary>The elements, as many as the dimensions say.</summary>
    public byte[] Values { get; }

    /// <summary>Reads a file that must have a number of dimensions.</summary>
    /// <exception cref="SubpException">The file is missing, truncated, longer than its header says, corrupt or of another kind.</exception>
    public static IdxFile Read(string path, int rank)
    {
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> magic = stackalloc byte[2];
            int read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
            file.Position = 0;
            if (read == 2 && magic[0] == 0x1F && magic[1] == 0x8B)
            {
                using var inflated = new GZipStream(file, CompressionMode.Decompress);
                return Parse(path, inflated, rank);
            }

            return Parse(path, file, rank);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SubpException(
                new Diagnostic(
                    DiagnosticDescriptors.DatasetMissing,
                    path,
                    "no file",
                    "an idx file",
                    "Give the folder that holds the data set with --data-dir."
                ),
                exception
            );
        }
        catch (Exception exception) when (exception is InvalidDataException or UnauthorizedAccessException or IOException)
        {
            throw new SubpException(
                new Diagnostic(
                    DiagnosticDescriptors.DatasetFormat,
                    path,
                    "content that cannot be read",
                    "an idx file, raw or gzip",
                    "Fetch the file again; it may have been cut off or altered."
                ),
                exception
            );
        }
    }

    private static IdxFile Parse(string path, Stream stream, int rank)
    {
        Span<byte> header = stackalloc byte[4 + (4 * 8)];
        ReadExactly(path, stream, header[..4], "a header of 4 bytes");
        if (header[0] != 0 || header[1] != 0 || header[2] != UnsignedByte || header[3] != rank)
        {
            throw Malformed(
                path,
                FormattableString.Invariant($"the magic number {BinaryPrimitives.ReadUInt32BigEndian(header):x8}"),
                FormattableString.Invariant($"{(UnsignedByte << 8) | rank:x8}, unsigned bytes with {rank} dimensions")
            );
        }

        var dimensions = new int[rank];
        ReadExactly(path, stream, header.Slice(4, 4 * rank), FormattableString.Invariant($"{rank} dimensions"));
        long length = 1;
        for (int i = 0; i < rank; i++)
        {
            uint dimension = BinaryPrimitives.ReadUInt32BigEndian(header[(4 + (4 * i))..]);
            length = dimension is 0 or > int.MaxValue ? MaximumLength : Math.Min(MaximumLength, length * dimension);
            if (length >= MaximumLength)
            {
                throw Malformed(
                    path,
                    FormattableString.Invariant($"dimension {i} of {dimension}"),
                    "dimensions of at least 1, less than 2 GB in all"
                );
            }

            dimensions[i] = (int)dimension;
        }

        return new IdxFile(path, dimensions, ReadValues(path, stream, (int)length));
    }

    // Memory grows with the bytes that are really there, so a header that claims gigabytes costs nothing.
    private static byte[] ReadValues(string path, Stream stream, int length)
    {
        using var values = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (values.Length < length)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, length - values.Length));
            if (read == 0)
            {
                throw Malformed(
                    path,
                    FormattableString.Invariant($"{values.Length} elements"),
                    FormattableString.Invariant($"the {length} of the header")
                );
            }

            values.Write(buffer, 0, read);
        }

        if (stream.ReadByte() >= 0)
        {
            throw Malformed(
                path,
                FormattableString.Invariant($"more than {length} elements"),
                FormattableString.Invariant($"the {length} of the header")
            );
        }

        return values.ToArray();
    }

    private static void ReadExactly(string path, Stream stream, Span<byte> buffer, string expected)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
            throw Malformed(path, "the end of the file", expected);
    }

    private static SubpException Malformed(string path, string found, string expected) =>
        new(DiagnosticDescriptors.DatasetFormat, path, found, expected, "Fetch the file again; it may have been cut off or altered.");
}
