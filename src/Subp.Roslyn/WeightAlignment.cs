using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Subp.Roslyn;

/// <summary>
/// Moves the embedded weights to a multiple of 64 bytes in the image. The C# compiler places resources at multiples of 8, and a weight
/// vector that straddles two cache lines takes two loads. The weights are embedded with <see cref="Slack"/> spare bytes behind them; here
/// they move into the spare room, and the one number in the metadata that says where the resource starts moves with them.
/// </summary>
internal static class WeightAlignment
{
    /// <summary>The spare bytes that must follow the weights in the resource.</summary>
    public const int Slack = Alignment;

    private const int Alignment = 64;
    private const int LengthPrefix = sizeof(int);
    private const int MovedAtOnce = 1 << 20;

    /// <summary>Aligns the only resource of an assembly in place and cuts its length to that of the weights.</summary>
    /// <param name="assembly">The assembly: readable, writable, seekable.</param>
    /// <param name="weightsLength">The length of the weights without the slack.</param>
    public static void Align(Stream assembly, int weightsLength)
    {
        assembly.Position = 0;
        using var image = new PEReader(assembly, PEStreamOptions.LeaveOpen | PEStreamOptions.PrefetchMetadata);
        var headers = image.PEHeaders;
        var metadata = image.GetMetadataReader();
        // The offset of the resource is the first column of the only row of its table.
        var row = headers.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.ManifestResource);
        var offset = ReadInt32(assembly, row);

        // Sections start at multiples of 512 in the file and of more in memory, so that both see the same alignment.
        headers.TryGetDirectoryOffset(headers.CorHeader!.ResourcesDirectory, out var directory);
        var found = directory + offset + LengthPrefix;
        var wanted = (found + Alignment - 1) / Alignment * Alignment;
        MoveUp(assembly, found, wanted, weightsLength);
        assembly.Position = found - LengthPrefix;
        assembly.Write(new byte[wanted - found]);
        WriteInt32(assembly, wanted - LengthPrefix, weightsLength);
        WriteInt32(assembly, row, offset + wanted - found);
    }

    // From the end to the beginning, since the places overlap.
    private static void MoveUp(Stream assembly, int from, int to, int length)
    {
        if (from == to)
            return;
        var buffer = new byte[Math.Min(length, MovedAtOnce)];
        var end = length;
        while (end > 0)
        {
            var part = buffer.AsSpan(0, Math.Min(end, buffer.Length));
            end -= part.Length;
            assembly.Position = from + end;
            assembly.ReadExactly(part);
            assembly.Position = to + end;
            assembly.Write(part);
        }
    }

    private static int ReadInt32(Stream stream, int position)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        stream.Position = position;
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    private static void WriteInt32(Stream stream, int position, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        stream.Position = position;
        stream.Write(bytes);
    }
}
