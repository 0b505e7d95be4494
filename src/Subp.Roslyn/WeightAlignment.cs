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

    /// <summary>The weights with spare room behind them.</summary>
    public static byte[] WithSlack(byte[] weights)
    {
        var resource = new byte[checked(weights.Length + Slack)];
        weights.CopyTo(resource, 0);
        return resource;
    }

    /// <summary>Aligns the only resource of an assembly in place and cuts its length to that of the weights.</summary>
    public static void Align(byte[] assembly, int weightsLength)
    {
        using var image = new PEReader(new MemoryStream(assembly, writable: false));
        var headers = image.PEHeaders;
        var metadata = image.GetMetadataReader();
        // The offset of the resource is the first column of the only row of its table.
        var row = headers.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.ManifestResource);
        var offset = BinaryPrimitives.ReadInt32LittleEndian(assembly.AsSpan(row));

        // Sections start at multiples of 512 in the file and of more in memory, so that both see the same alignment.
        headers.TryGetDirectoryOffset(headers.CorHeader!.ResourcesDirectory, out var directory);
        var found = directory + offset + LengthPrefix;
        var wanted = (found + Alignment - 1) / Alignment * Alignment;
        Buffer.BlockCopy(assembly, found, assembly, wanted, weightsLength);
        assembly.AsSpan(found - LengthPrefix, wanted - found).Clear();
        BinaryPrimitives.WriteInt32LittleEndian(assembly.AsSpan(wanted - LengthPrefix), weightsLength);
        BinaryPrimitives.WriteInt32LittleEndian(assembly.AsSpan(row), offset + wanted - found);
    }
}
