using System.IO.Compression;

namespace Subp.Fuzzing.Mutations;

/// <summary>
/// Changes of PyTorch's files: bytes anywhere, or the pickle and the storages inside a zip archive whose checksums fit again.
/// </summary>
public static class PthMutations
{
    // Instructions of pickles that read, jump, call or build, the refused ones among them.
    private static readonly byte[] s_instructions =
    [
        .. "(.0N)]}tuseahjqrRbQcKMJGXUToilpgIFLV012"u8,
        .. Enumerable.Range(0x80, 25).Select(i => (byte)i),
    ];

    /// <summary>One change.</summary>
    /// <param name="sample">A valid file; not changed.</param>
    /// <param name="other">Another valid file.</param>
    /// <param name="random">The only source of chance.</param>
    public static byte[] Apply(byte[] sample, byte[] other, Random random)
    {
        if (!sample.AsSpan().StartsWith("PK"u8))
            return random.Next(2) == 0 ? ByteMutations.Apply(sample, other, random) : Pickle(sample, random);

        return random.Next(4) == 0 ? ByteMutations.Apply(sample, other, random) : Archive(sample, random);
    }

    private static byte[] Archive(byte[] sample, Random random)
    {
        using var source = new ZipArchive(new MemoryStream(sample), ZipArchiveMode.Read);
        int chosen = random.Next(3) == 0 ? random.Next(source.Entries.Count) : -1;
        bool compress = random.Next(20) == 0;
        var stream = new MemoryStream();
        using (var target = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < source.Entries.Count; i++)
            {
                var entry = source.Entries[i];
                byte[] bytes = Bytes(entry);
                if (chosen < 0 ? entry.Name == "data.pkl" : i == chosen)
                    bytes = entry.Name == "data.pkl" ? Pickle(bytes, random) : ByteMutations.Apply(bytes, bytes, random);

                var copy = target.CreateEntry(entry.FullName, compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
                copy.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var content = copy.Open();
                content.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Pickle(byte[] pickle, Random random)
    {
        byte[] changed = [.. pickle];
        int position = random.Next(changed.Length);
        switch (random.Next(4))
        {
            case 0:
                changed[position] = s_instructions[random.Next(s_instructions.Length)];
                return changed;
            case 1:
                return [.. changed.AsSpan(0, position), s_instructions[random.Next(s_instructions.Length)], .. changed.AsSpan(position)];
            case 2:
                // Another number where a number is: lengths, extents, offsets, references.
                int number = Array.FindIndex(changed, position, value => value is (byte)'K' or (byte)'h' or (byte)'q');
                if (number >= 0 && number + 1 < changed.Length)
                    changed[number + 1] = (byte)random.Next(256);
                return changed;
            default:
                return ByteMutations.Apply(changed, pickle, random);
        }
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        var bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
