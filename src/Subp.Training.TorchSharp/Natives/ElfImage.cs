using System.Buffers.Binary;
using System.Text;

namespace Subp.Training.TorchSharp.Natives;

/// <summary>
/// The tables of a 64-bit little-endian ELF library that say which version of which symbol it needs. Changes happen in place.
/// </summary>
/// <remarks>Section types and record layouts: System V ABI, gABI chapter 4, and "ELF Symbol Versioning" of the LSB.</remarks>
internal sealed class ElfImage
{
    private const int DynamicSymbols = 11;
    private const int VersionNeeds = 0x6ffffffe;
    private const int SymbolVersions = 0x6fffffff;
    private const int SymbolLength = 24;

    private readonly byte[] _bytes;
    private readonly Section _symbols;
    private readonly Section _strings;
    private readonly Section _needs;
    private readonly Section _versions;

    /// <summary>Reads the section headers.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such library, or one without symbol versions.</exception>
    public ElfImage(byte[] bytes)
    {
        _bytes = bytes;
        if (bytes.Length < 64 || !bytes.AsSpan(0, 6).SequenceEqual((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw new InvalidDataException("not a 64-bit little-endian ELF file");

        int count = UInt16(60);
        _ = Slice(Int64(40), (long)count * UInt16(58));
        var sections = new List<Section>();
        for (int i = 0; i < count; i++)
        {
            long at = checked(Int64(40) + ((long)i * UInt16(58)));
            sections.Add(new Section(Int32(at + 4), Int64(at + 24), Int64(at + 32), Int32(at + 40)));
        }

        _symbols = Find(sections, DynamicSymbols);
        _needs = Find(sections, VersionNeeds);
        _versions = Find(sections, SymbolVersions);
        if ((uint)_symbols.Link >= (uint)sections.Count)
            throw new InvalidDataException("a symbol table without names");

        _strings = sections[_symbols.Link];
    }

    /// <summary>The versions that the library needs of other libraries.</summary>
    public IReadOnlyList<NeededVersion> NeededVersions
    {
        get
        {
            var versions = new List<NeededVersion>();
            long need = _needs.Offset;
            while (true)
            {
                string library = Text(Int32(need + 4));
                long entry = need + Int32(need + 8);
                for (int i = 0; i < UInt16(need + 2); i++)
                {
                    versions.Add(new NeededVersion(library, Text(Int32(entry + 8)), UInt16(entry + 6), entry));
                    entry += Int32(entry + 12);
                }

                int next = Int32(need + 12);
                if (next <= 0)
                    return versions;

                need += next;
            }
        }
    }

    /// <summary>The names of the dynamic symbols that have a version index.</summary>
    public IReadOnlyList<(int Symbol, string Name)> SymbolsOf(int versionIndex)
    {
        var symbols = new List<(int, string)>();
        for (int i = 0; i < _symbols.Length / SymbolLength; i++)
        {
            // The highest bit says that the version is hidden.
            if ((UInt16(_versions.Offset + (2L * i)) & 0x7fff) == versionIndex)
                symbols.Add((i, Text(NameOffset(i))));
        }

        return symbols;
    }

    /// <summary>Whether the library defines the symbol; its name is then in hash tables and must not change.</summary>
    public bool Defines(int symbol) => UInt16(_symbols.Offset + ((long)symbol * SymbolLength) + 6) != 0;

    /// <summary>
    /// Whether another symbol or version takes its name from inside that of <paramref name="symbol"/>, as linkers let them.
    /// </summary>
    public bool SharesName(int symbol)
    {
        int first = NameOffset(symbol);
        int end = first + Text(first).Length;
        for (int i = 0; i < _symbols.Length / SymbolLength; i++)
        {
            if (i != symbol && NameOffset(i) >= first && NameOffset(i) <= end)
                return true;
        }

        return NeededVersions.Any(version => Int32(version.Entry + 8) >= first && Int32(version.Entry + 8) <= end);
    }

    /// <summary>Makes one needed version a second mention of another one of the same library.</summary>
    public void Rename(NeededVersion version, NeededVersion other)
    {
        // The hash of the name, and where the name lies; the index, which symbols refer to, stays.
        _bytes.AsSpan(checked((int)other.Entry), 4).CopyTo(_bytes.AsSpan(checked((int)version.Entry)));
        _bytes.AsSpan(checked((int)other.Entry + 8), 4).CopyTo(_bytes.AsSpan(checked((int)version.Entry + 8)));
    }

    /// <summary>Makes a symbol one without a version, of a shorter name.</summary>
    public void Rename(int symbol, string name)
    {
        int at = checked((int)(_strings.Offset + NameOffset(symbol)));
        int length = Text(NameOffset(symbol)).Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, length);
        _bytes.AsSpan(at, length).Clear();
        Encoding.ASCII.GetBytes(name, _bytes.AsSpan(at));
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(checked((int)_versions.Offset + (2 * symbol))), 1);
    }

    private int NameOffset(int symbol) => Int32(_symbols.Offset + ((long)symbol * SymbolLength));

    private static Section Find(List<Section> sections, int type)
    {
        foreach (var section in sections)
        {
            if (section.Type == type)
                return section;
        }

        throw new InvalidDataException($"no section of type 0x{type:x}");
    }

    private string Text(int offset)
    {
        var rest = Slice(_strings.Offset + offset, Math.Max(0, _strings.Length - offset));
        int length = rest.IndexOf((byte)0);
        return length < 0 ? throw new InvalidDataException("a name without an end") : Encoding.ASCII.GetString(rest[..length]);
    }

    private ushort UInt16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2));

    private int Int32(long at) => BinaryPrimitives.ReadInt32LittleEndian(Slice(at, 4));

    private long Int64(long at) => BinaryPrimitives.ReadInt64LittleEndian(Slice(at, 8));

    private ReadOnlySpan<byte> Slice(long at, long length) =>
        at >= 0 && length >= 0 && at <= _bytes.Length - length
            ? _bytes.AsSpan((int)at, (int)length)
            : throw new InvalidDataException("a table that reaches beyond the file");

    private readonly record struct Section(int Type, long Offset, long Length, int Link);
}

/// <summary>A version that a library needs of another one.</summary>
/// <param name="Library">The other library, for example <c>libstdc++.so.6</c>.</param>
/// <param name="Name">The version, for example <c>GLIBCXX_3.4.30</c>.</param>
/// <param name="Index">The index by which symbols refer to it.</param>
/// <param name="Entry">Where its record lies in the file.</param>
internal sealed record NeededVersion(string Library, string Name, int Index, long Entry);
