using Subp.Core.Graphs;

namespace Subp.Core.Weights;

/// <summary>
/// Integers of few bits one behind the other: integer i takes the bits from i * bits on, in two's complement, lowest first; bit k of the
/// file is bit k % 8 of byte k / 8. What is left of the last byte is zero.
/// </summary>
internal static class PackedIntegers
{
    /// <summary>Writes integers that the bits hold.</summary>
    public static byte[] Pack(ReadOnlySpan<sbyte> integers, int bits)
    {
        var bytes = new byte[StoredBits.BytesOf(integers.Length, bits)];
        var mask = (1 << bits) - 1;
        long position = 0;
        foreach (var integer in integers)
        {
            // An integer reaches into two bytes at most.
            var placed = (integer & mask) << (int)(position % 8);
            bytes[position / 8] |= (byte)placed;
            if (placed > byte.MaxValue)
                bytes[(position / 8) + 1] |= (byte)(placed >> 8);
            position += bits;
        }

        return bytes;
    }

    /// <summary>Reads integers.</summary>
    /// <param name="bytes">As many as the integers take.</param>
    /// <param name="count">The number of integers.</param>
    /// <param name="bits">How many bits each takes.</param>
    public static sbyte[] Unpack(ReadOnlySpan<byte> bytes, int count, int bits)
    {
        var integers = new sbyte[count];
        long position = 0;
        for (var index = 0; index < count; index++, position += bits)
        {
            int first = (int)(position / 8),
                offset = (int)(position % 8);
            var both = bytes[first] | (offset + bits > 8 ? bytes[first + 1] << 8 : 0);
            // To the top of a word and back, which repeats the sign.
            integers[index] = (sbyte)(both << (32 - bits - offset) >> (32 - bits));
        }

        return integers;
    }
}
