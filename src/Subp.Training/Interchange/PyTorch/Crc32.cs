namespace Subp.Training.Interchange.PyTorch;

/// <summary>
/// The checksum of zip archives (ISO 3309, reflected polynomial 0xEDB88320), which the base library does not verify on reading.
/// </summary>
internal static class Crc32
{
    private static readonly uint[] s_table =
    [
        .. Enumerable
            .Range(0, 256)
            .Select(index =>
            {
                uint remainder = (uint)index;
                for (int bit = 0; bit < 8; bit++)
                    remainder = (remainder >> 1) ^ ((remainder & 1) * 0xEDB88320u);

                return remainder;
            }),
    ];

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        foreach (byte value in bytes)
            checksum = (checksum >> 8) ^ s_table[(byte)(checksum ^ value)];

        return ~checksum;
    }
}
