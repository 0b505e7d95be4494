namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>How a kernel multiplies bytes by signed bytes. All give the same integers.</summary>
internal enum ProductMode
{
    /// <summary>Bytes are widened to 16 bits first, and pairs of products become 32-bit sums: whatever the weights are.</summary>
    Wide,

    /// <summary>Pairs of products are 16-bit sums, and pairs of these 32-bit sums: where no pair of weights leaves 16 bits.</summary>
    Narrow,

    /// <summary>
    /// Pairs of products are 16-bit sums, and so are sums of several quads before they become 32-bit sums: where the weights have so few
    /// bits that none of these leaves 16 bits.
    /// </summary>
    Short,

    /// <summary>Four products at once (AVX-VNNI), exact whatever the weights are.</summary>
    Dot,

    /// <summary>
    /// The same beside instructions of 512 bits, which put the next pixels together and make bytes of sums: where a processor computes both
    /// at full rate. On Intel's, one of 512 bits that waits closes a unit of 256-bit products.
    /// </summary>
    MixedDot,
}
