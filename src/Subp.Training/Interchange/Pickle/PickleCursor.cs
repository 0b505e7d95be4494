using System.Buffers.Binary;
using System.Text;

namespace Subp.Training.Interchange.Pickle;

/// <summary>Reads the fields of instructions; every length is held against what is left.</summary>
internal sealed class PickleCursor(ReadOnlyMemory<byte> bytes)
{
    private const int LongestName = 1024;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The position of the next byte.</summary>
    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public double Real() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public string Text(uint length) => Decode(Take(length));

    /// <summary>Text up to a line feed, as names of modules are written.</summary>
    public string Line()
    {
        var rest = bytes.Span[Position..];
        int end = rest[..Math.Min(rest.Length, LongestName)].IndexOf((byte)'\n');
        if (end < 0)
            throw new PickleException("a name that does not end", $"a line of at most {LongestName} bytes");

        string line = Decode(Take((uint)end));
        Position++;
        return line;
    }

    public ReadOnlySpan<byte> Take(uint length)
    {
        if (length > (uint)(bytes.Length - Position))
            throw new PickleException(
                FormattableString.Invariant($"the end after {bytes.Length} bytes"),
                FormattableString.Invariant($"{length} more at {Position}")
            );

        var taken = bytes.Span.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    private static string Decode(ReadOnlySpan<byte> text)
    {
        try
        {
            return s_utf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw new PickleException("text that is not UTF-8", "UTF-8");
        }
    }
}
