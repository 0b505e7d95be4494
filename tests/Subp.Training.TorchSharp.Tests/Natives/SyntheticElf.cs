using System.Text;

namespace Subp.Training.TorchSharp.Tests.Natives;

/// <summary>Writes ELF libraries of nothing but the tables of versioned symbols.</summary>
internal static class SyntheticElf
{
    /// <summary>A library that needs symbols of libstdc++.so.6.</summary>
    /// <param name="versions">The versions it needs, in the order of their records.</param>
    /// <param name="symbols">Name, version (or null) and whether the library defines it.</param>
    /// <param name="tail">Lets the name of the last symbol be the end of the first one's, as linkers do; that many characters.</param>
    public static byte[] Write(string[] versions, (string Name, string? Version, bool IsDefined)[] symbols, int tail = 0)
    {
        var strings = new MemoryStream();
        strings.WriteByte(0);
        int Add(string text)
        {
            int at = (int)strings.Position;
            strings.Write(Encoding.ASCII.GetBytes(text + "\0"));
            return at;
        }

        int library = Add("libstdc++.so.6");
        int[] versionNames = [.. versions.Select(Add)];
        int[] symbolNames = [.. symbols.Select(symbol => Add(symbol.Name))];
        if (tail > 0)
            symbolNames[^1] = symbolNames[0] + symbols[0].Name.Length - tail;

        var symbolTable = new MemoryStream();
        var versionTable = new MemoryStream();
        symbolTable.Write(new byte[24]);
        versionTable.Write(new byte[2]);
        for (int i = 0; i < symbols.Length; i++)
        {
            var record = new byte[24];
            BitConverter.TryWriteBytes(record, symbolNames[i]);
            record[6] = symbols[i].IsDefined ? (byte)7 : (byte)0;
            symbolTable.Write(record);
            int index = symbols[i].Version is { } version ? 2 + Array.IndexOf(versions, version) : 1;
            versionTable.Write(BitConverter.GetBytes((ushort)index));
        }

        var needs = new MemoryStream();
        needs.Write(BitConverter.GetBytes((ushort)1));
        needs.Write(BitConverter.GetBytes((ushort)versions.Length));
        foreach (int value in new[] { library, 16, 0 })
            needs.Write(BitConverter.GetBytes(value));

        for (int i = 0; i < versions.Length; i++)
        {
            needs.Write(BitConverter.GetBytes(1000 + i));
            needs.Write(BitConverter.GetBytes((ushort)0));
            needs.Write(BitConverter.GetBytes((ushort)(2 + i)));
            needs.Write(BitConverter.GetBytes(versionNames[i]));
            needs.Write(BitConverter.GetBytes(i == versions.Length - 1 ? 0 : 16));
        }

        return Assemble(symbolTable.ToArray(), strings.ToArray(), versionTable.ToArray(), needs.ToArray());
    }

    // Null, symbols, strings, symbol versions, needed versions; the headers come last.
    private static byte[] Assemble(byte[] symbols, byte[] strings, byte[] versions, byte[] needs)
    {
        (int Type, byte[] Content, int Link)[] sections =
        [
            (0, [], 0),
            (11, symbols, 2),
            (3, strings, 0),
            (0x6fffffff, versions, 1),
            (0x6ffffffe, needs, 2),
        ];
        var file = new MemoryStream();
        var header = new byte[64];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(header);
        BitConverter.TryWriteBytes(header.AsSpan(58), (ushort)64);
        BitConverter.TryWriteBytes(header.AsSpan(60), (ushort)sections.Length);
        file.Write(header);
        var records = new MemoryStream();
        foreach (var (type, content, link) in sections)
        {
            var record = new byte[64];
            BitConverter.TryWriteBytes(record.AsSpan(4), type);
            BitConverter.TryWriteBytes(record.AsSpan(24), file.Position);
            BitConverter.TryWriteBytes(record.AsSpan(32), (long)content.Length);
            BitConverter.TryWriteBytes(record.AsSpan(40), link);
            records.Write(record);
            file.Write(content);
        }

        long start = file.Position;
        file.Write(records.ToArray());
        byte[] bytes = file.ToArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(40), start);
        return bytes;
    }
}
