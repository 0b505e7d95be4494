namespace Subp.Compiler.Planning;

/// <summary>What a convolution kernel may use of an instruction set: vector length and registers.</summary>
/// <param name="Lanes">Floats in the vectors of the kernel; the widest the set has that is not wider than a block.</param>
/// <param name="Registers">Vector registers that the kernel can keep values in.</param>
/// <param name="EmbeddedBroadcast">True where a multiply-add takes a broadcast scalar straight from memory, so that a pixel that is used
/// once needs no register.</param>
public readonly record struct VectorUnit(int Lanes, int Registers, bool EmbeddedBroadcast)
{
    /// <summary>The unit a set offers to blocks of N output channels, N a multiple of 4: the longest vector that divides N.</summary>
    public static VectorUnit For(InstructionSet set, int blockLength) =>
        set switch
        {
            InstructionSet.Avx512 => new VectorUnit(Longest(blockLength, 16), 31, EmbeddedBroadcast: true),
            InstructionSet.Avx2 => new VectorUnit(Longest(blockLength, 8), 15, EmbeddedBroadcast: false),
            // One register less: without a fused multiply-add the product needs a place.
            _ => new VectorUnit(4, 14, EmbeddedBroadcast: false),
        };

    /// <summary>
    /// The vectors of one block that a kernel keeps at a time: two where they divide the block, so that a broadcast pixel is used twice.
    /// </summary>
    public int VectorsFor(int blockLength) => blockLength / Lanes % 2 == 0 ? 2 : 1;

    private static int Longest(int blockLength, int lanes)
    {
        while (blockLength % lanes != 0)
            lanes /= 2;
        return lanes;
    }
}
