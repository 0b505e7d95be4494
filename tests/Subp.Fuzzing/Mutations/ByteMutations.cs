namespace Subp.Fuzzing.Mutations;

/// <summary>
/// Changes that know nothing of the format: flipped bits, other bytes, cut ends, and stretches that are moved, dropped or taken from
/// another file.
/// </summary>
public static class ByteMutations
{
    private const int LongestStretch = 64;

    /// <summary>One change, or sometimes two or three: a second one often hides behind the first.</summary>
    /// <param name="sample">The bytes to start from; not changed.</param>
    /// <param name="other">Where foreign stretches come from.</param>
    /// <param name="random">The only source of chance.</param>
    public static byte[] Apply(ReadOnlySpan<byte> sample, ReadOnlySpan<byte> other, Random random)
    {
        var bytes = sample.ToArray();
        for (var change = Math.Max(1, random.Next(-3, 4)); change > 0; change--)
            bytes = Once(bytes, other, random);
        return bytes;
    }

    private static byte[] Once(byte[] bytes, ReadOnlySpan<byte> other, Random random)
    {
        // Structure lies at the front of most files and around it; the rest is weights, where a change is harmless.
        var position = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 2048) + 1 : bytes.Length + 1);
        if (bytes.Length == 0 || position == bytes.Length)
            return [.. bytes, (byte)random.Next(256)];
        switch (random.Next(7))
        {
            case 0:
                bytes[position] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[position] = (byte)random.Next(256);
                return bytes;
            case 2:
                // A number of many digits, binary, in the place of whatever is there.
                bytes
                    .AsSpan(position, Math.Min(random.Next(1, 10), bytes.Length - position))
                    .Fill(random.Next(2) == 0 ? (byte)0xff : (byte)0);
                return bytes;
            case 3:
                return bytes[..position];
            case 4:
                return Insert(bytes, random.Next(bytes.Length + 1), Stretch(bytes, position, random));
            case 5:
                return [.. bytes.AsSpan(0, position), .. bytes.AsSpan(Math.Min(bytes.Length, position + random.Next(1, LongestStretch)))];
            default:
                return other.Length == 0 ? bytes : Insert(bytes, position, Stretch(other, random.Next(other.Length), random));
        }
    }

    private static ReadOnlySpan<byte> Stretch(ReadOnlySpan<byte> bytes, int start, Random random) =>
        bytes.Slice(start, Math.Min(random.Next(1, LongestStretch), bytes.Length - start)).ToArray();

    private static byte[] Insert(byte[] bytes, int position, ReadOnlySpan<byte> stretch) =>
        [.. bytes.AsSpan(0, position), .. stretch, .. bytes.AsSpan(position)];
}
