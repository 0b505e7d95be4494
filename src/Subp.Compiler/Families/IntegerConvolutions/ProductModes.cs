using Subp.Core.Graphs;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>Which modes the kernels of a layer are written in, and how far 16 bits go.</summary>
internal static class ProductModes
{
    // With five bits only four quads fit into 16 bits, and widening takes a third of the time.
    private const int MostBitsOfShortSums = 4;

    /// <summary>
    /// How many quads of products a 16-bit sum holds whatever the input is; 0 where that is not worth it. Each half of a quad adds two
    /// products of a byte and a weight to its own sum.
    /// </summary>
    /// <param name="bits">The bits of a weight, or null where they are not known.</param>
    public static int ShortQuads(int? bits) =>
        bits <= MostBitsOfShortSums ? short.MaxValue / (2 * byte.MaxValue * StoredBits.Largest(bits.Value)) : 0;

    /// <summary>
    /// The modes in the order in which a processor is asked for them: the first that it has is taken, and narrow products where the weights
    /// allow them. What the structure says of the weights is not asked again.
    /// </summary>
    /// <param name="plan">The layer.</param>
    /// <param name="set">The instruction set.</param>
    public static IReadOnlyList<ProductMode> Of(IntegerConvolutionPlan plan, InstructionSet set) =>
        set switch
        {
            InstructionSet.Portable => [ProductMode.Wide],
            // Vectors of 512 bits of 16-bit sums do more than the dot products of 256 bits, which are the longest there are.
            InstructionSet.Avx512 when plan.ShortQuads > 0 => [ProductMode.Short],
            InstructionSet.Avx512 when plan.HasMixedForm => [ProductMode.MixedDot, .. OfWholeSums(plan)],
            _ when plan.ShortQuads > 0 => [ProductMode.Dot, ProductMode.Short],
            _ => OfWholeSums(plan),
        };

    private static ProductMode[] OfWholeSums(IntegerConvolutionPlan plan) =>
        plan.WeightBits is null ? [ProductMode.Dot, ProductMode.Narrow, ProductMode.Wide] : [ProductMode.Dot, ProductMode.Narrow];
}
