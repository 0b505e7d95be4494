using System.Buffers.Binary;

namespace Subp.Fuzzing.Mutations;

/// <summary>
/// Changes of .safetensors files: the length field, the text of the header with a length that fits or not, bytes anywhere.
/// </summary>
public static class SafetensorsMutations
{
    private const int LengthBytes = 8;
    private static readonly ulong[] Lengths =
    [
        0,
        1,
        2,
        7,
        8,
        100_000_000,
        100_000_001,
        int.MaxValue,
        uint.MaxValue,
        long.MaxValue,
        ulong.MaxValue,
    ];

    /// <summary>One change of the whole, or up to three of the header.</summary>
    /// <param name="sample">A valid file; not changed.</param>
    /// <param name="other">Another valid file.</param>
    /// <param name="random">The only source of chance.</param>
    public static byte[] Apply(byte[] sample, byte[] other, Random random)
    {
        if (random.Next(4) == 0)
            return ByteMutations.Apply(sample, other, random);
        var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(sample);
        byte[] changed = [.. sample];
        switch (random.Next(6))
        {
            case 0:
                BinaryPrimitives.WriteUInt64LittleEndian(changed, Lengths[random.Next(Lengths.Length)]);
                return changed;
            case 1:
                BinaryPrimitives.WriteUInt64LittleEndian(changed, (ulong)(headerLength + random.Next(-70, 70)));
                return changed;
            case 2:
                // Values: NaN, infinities and ones where zeros are pruned.
                var position =
                    LengthBytes + headerLength + (4 * random.Next(Math.Max(1, (sample.Length - LengthBytes - headerLength) / 4)));
                if (position + 4 <= changed.Length)
                    BinaryPrimitives.WriteSingleLittleEndian(
                        changed.AsSpan(position),
                        random.Next(3) switch
                        {
                            0 => float.NaN,
                            1 => float.NegativeInfinity,
                            _ => 1,
                        }
                    );
                return changed;
            default:
                var header = TextMutations.Apply(sample.AsSpan(LengthBytes, headerLength), random);
                changed = [.. sample.AsSpan(0, LengthBytes), .. header, .. sample.AsSpan(LengthBytes + headerLength)];
                if (random.Next(8) > 0)
                    BinaryPrimitives.WriteUInt64LittleEndian(changed, (ulong)header.Length);
                return changed;
        }
    }
}
