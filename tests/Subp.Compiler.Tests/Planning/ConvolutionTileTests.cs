using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Planning;
using Subp.Core.Operators;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class ConvolutionTileTests
{
    private static readonly Window[] s_windows =
    [
        Window.Square(1),
        Window.Square(3, 1, 1),
        Window.Square(3, 2, 1),
        Window.Square(5, 1, 2),
        Window.Square(7, 2, 3),
        Window.Square(11),
        new(new(1, 7), Extent.One, Padding.None, Extent.One),
        new(new(3, 3), Extent.One, Padding.None, new(2, 2)),
        new(new(3, 3), new(2, 1), Padding.None, Extent.One),
    ];

    [Theory]
    [MemberData(nameof(Units))]
    public void A_tile_never_needs_more_registers_than_there_are(InstructionSet set, int blockLength)
    {
        var unit = VectorUnit.For(set, blockLength);
        foreach (var window in s_windows)
        {
            foreach (var extent in new[] { 1, 2, 3, 5, 7, 8, 13, 14, 28, 29, 31, 56, 112 })
            {
                foreach (var mayHold in new[] { true, false })
                {
                    int[] rows = [.. Enumerable.Range(1, Math.Min(4, extent))];
                    var tile = ConvolutionTile.Choose(
                        unit,
                        unit.VectorsFor(blockLength),
                        window,
                        extent,
                        extent,
                        rows,
                        blocks: 16,
                        mayHold
                    );
                    Assert.InRange(Registers(tile, unit, window), 1, unit.Registers);
                    Assert.Contains(tile.Rows, rows);
                    Assert.InRange(tile.Columns, 1, extent);
                    Assert.Equal(0, blockLength % (tile.Vectors * unit.Lanes));
                    Assert.False(tile.HoldsPixels && !mayHold);
                    Assert.False(tile.HoldsPixels && window.Stride.Width > 1);
                }
            }
        }
    }

    [Theory]
    [InlineData(InstructionSet.Avx512, 16)]
    [InlineData(InstructionSet.Avx512, 32)]
    [InlineData(InstructionSet.Avx2, 16)]
    [InlineData(InstructionSet.Avx2, 32)]
    [InlineData(InstructionSet.Portable, 16)]
    [InlineData(InstructionSet.Portable, 32)]
    public void Large_maps_get_enough_sums_to_hide_the_latency_of_a_multiply_add(InstructionSet set, int blockLength)
    {
        var unit = VectorUnit.For(set, blockLength);
        foreach (var extent in new[] { 8, 14, 28, 29, 56 })
        {
            var tile = ConvolutionTile.Choose(
                unit,
                unit.VectorsFor(blockLength),
                Window.Square(3, 1, 1),
                extent,
                extent,
                [1, 2],
                blocks: 16,
                mayHold: true
            );
            Assert.True(tile.Pixels * tile.Vectors >= 8, $"{set}, N = {blockLength}, {extent} pixels: {tile}");
        }
    }

    [Theory]
    [InlineData(InstructionSet.Avx512, 16, 16, 1)]
    [InlineData(InstructionSet.Avx512, 32, 16, 2)]
    [InlineData(InstructionSet.Avx512, 48, 16, 1)]
    [InlineData(InstructionSet.Avx512, 24, 8, 1)]
    [InlineData(InstructionSet.Avx512, 12, 4, 1)]
    [InlineData(InstructionSet.Avx2, 16, 8, 2)]
    [InlineData(InstructionSet.Avx2, 8, 8, 1)]
    [InlineData(InstructionSet.Portable, 16, 4, 2)]
    [InlineData(InstructionSet.Portable, 4, 4, 1)]
    public void The_longest_vector_that_divides_a_block_is_used_twice_where_it_can_be(
        InstructionSet set,
        int blockLength,
        int lanes,
        int vectors
    )
    {
        var unit = VectorUnit.For(set, blockLength);
        Assert.Equal(lanes, unit.Lanes);
        Assert.Equal(vectors, unit.VectorsFor(blockLength));
    }

    public static TheoryData<InstructionSet, int> Units()
    {
        var units = new TheoryData<InstructionSet, int>();
        foreach (var set in Enum.GetValues<InstructionSet>())
        {
            foreach (var blockLength in new[] { 4, 8, 12, 16, 24, 32, 48, 64 })
                units.Add(set, blockLength);
        }

        return units;
    }

    /// <summary>Counted from the code that is written: all sums; held pixels and the weights of one tap or, in tiles of several rows, of
    /// one kernel row; or the weights of one tap and a pixel, unless the multiply-add reads the pixel itself.</summary>
    private static int Registers(ConvolutionTile tile, VectorUnit unit, Window window)
    {
        var sums = tile.Pixels * tile.Vectors;
        if (!tile.HoldsPixels)
            return sums + tile.Vectors + (unit.EmbeddedBroadcast && tile.Vectors == 1 ? 0 : 1);
        var pixels = tile.Columns + ((window.Kernel.Width - 1) * window.Dilation.Width);
        return sums + pixels + (tile.Vectors * (tile.Rows > 1 ? window.Kernel.Width : 1));
    }
}
