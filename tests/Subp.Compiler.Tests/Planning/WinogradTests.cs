using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class WinogradTests
{
    private static readonly Window s_same = Window.Square(3, padding: 1);

    [Theory]
    [InlineData(56, 4)]
    [InlineData(14, 4)]
    [InlineData(13, 4)]
    public void Maps_of_many_tiles_get_large_tiles(int extent, int outputSize) =>
        Assert.Equal(outputSize, Transform(extent, s_same, kept: 48)?.OutputSize);

    /// <summary>
    /// Four tiles of 4 x 4 use each of four times as many weights four times, and wait for them: measured at 512 channels, 7x7, 475 us in
    /// blocks of 32, against some 220 with tiles of 2 x 2.
    /// </summary>
    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void Small_maps_do_not_get_large_tiles(int extent) => Assert.NotEqual(4, Transform(extent, s_same, kept: 48)?.OutputSize);

    [Fact]
    public void Precise_networks_keep_to_small_tiles() =>
        Assert.Equal(2, Transform(56, s_same, new CompileOptions { Precise = true }, kept: 48)?.OutputSize);

    [Theory]
    [InlineData(UnrollMode.Full)]
    [InlineData(UnrollMode.Taps)]
    [InlineData(UnrollMode.Never)]
    public void A_form_that_is_asked_for_is_a_direct_kernel(UnrollMode unroll) =>
        Assert.Null(Transform(28, s_same, new CompileOptions { Unroll = unroll }));

    [Fact]
    public void Other_windows_are_computed_directly()
    {
        Assert.Null(Transform(28, Window.Square(3, stride: 2, padding: 1)));
        Assert.Null(Transform(28, Window.Square(1)));
        Assert.Null(Transform(28, Window.Square(5, padding: 2)));
        Assert.Null(Transform(28, s_same with { Dilation = new(2, 2) }));
    }

    [Fact]
    public void A_group_of_few_blocks_does_not_pay_for_the_transforms()
    {
        Assert.Null(Transform(28, s_same, kept: 1));
        Assert.NotNull(Transform(28, s_same, kept: 16));
    }

    [Fact]
    public void Three_tiles_of_small_maps_are_too_few() => Assert.Null(Transform(3, s_same));

    [Theory]
    [InlineData(196, 28, new[] { 28 })]
    [InlineData(49, 28, new[] { 24, 25 })]
    [InlineData(7, 28, new[] { 7 })]
    [InlineData(0, 28, new int[0])]
    public void Tiles_are_cut_into_blocks_that_differ_by_one_at_most(int tiles, int most, int[] sizes) =>
        Assert.Equal(sizes, (Layer(56, s_same, null, 16) with { BlockTiles = most }).BlockSizes(tiles));

    [Theory]
    [InlineData(InstructionSet.Avx512, 16, 28)]
    [InlineData(InstructionSet.Avx512, 32, 14)]
    [InlineData(InstructionSet.Avx2, 16, 6)]
    [InlineData(InstructionSet.Portable, 8, 5)]
    public void Sums_fit_into_the_registers(InstructionSet set, int blockLength, int tiles)
    {
        var kernel = WinogradKernel.For(set, blockLength);
        Assert.Equal(tiles, kernel.MaximumTiles);
        Assert.All(kernel.Split(29), part => Assert.InRange(part.Count, 1, tiles));
        Assert.Equal(29, kernel.Split(29).Sum(part => part.Count));
    }

    [Fact]
    public void Half_of_the_tiles_cost_half_of_the_time_and_the_weights_once_more()
    {
        var layer = Layer(56, s_same, null, 16);
        var all = layer.Cost(new WorkRange(0, layer.TaskGroups, 0, layer.TaskTiles));
        var half = layer.Cost(new WorkRange(0, layer.TaskGroups, 0, layer.TaskTiles / 2));
        Assert.InRange(half / all, 0.5, 0.6);
        // A cut along the output channels transforms the input twice.
        Assert.True(layer.Cost(new WorkRange(0, 1, 0, layer.TaskTiles)) > all / layer.TaskGroups);
    }

    [Fact]
    public void The_stem_of_a_residual_network_is_computed_by_its_phases()
    {
        var layer = Assert.IsType<WinogradPlan>(Stem(224, 3, Window.Square(7, stride: 2, padding: 3)));
        Assert.Equal(WinogradTransform.FourByFour, layer.Transform);
        Assert.True(layer.IsPhased);
        Assert.Equal(12, layer.Pattern.InputChannels);
        Assert.StartsWith("f32_conv7x7s2wino4x4_n32_", layer.KernelName(InstructionSet.Avx2), StringComparison.Ordinal);
    }

    [Fact]
    public void Precise_stems_and_those_of_other_windows_are_computed_directly()
    {
        Assert.IsNotType<WinogradPlan>(Stem(224, 3, Window.Square(7, stride: 2, padding: 3), new CompileOptions { Precise = true }));
        Assert.IsNotType<WinogradPlan>(
            Stem(224, 3, Window.Square(7, stride: 2, padding: 3), new CompileOptions { Unroll = UnrollMode.Taps })
        );
        Assert.IsNotType<WinogradPlan>(Stem(224, 3, Window.Square(7, stride: 4, padding: 3)));
        Assert.IsNotType<WinogradPlan>(Stem(224, 3, Window.Square(11, stride: 2, padding: 3)));
        // Five channels are twenty phases, more than a block of lanes.
        Assert.IsNotType<WinogradPlan>(Stem(224, 5, Window.Square(7, stride: 2, padding: 3)));
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(4, 3)]
    [InlineData(4, 4)]
    public void The_kernel_matrix_has_a_row_for_every_position(int outputs, int taps)
    {
        var transform = new WinogradTransform(outputs, taps);
        Assert.Equal(transform.InputSize * taps, transform.KernelMatrix.Count);
        // Infinity takes the last tap alone, and zero the first.
        Assert.Equal(1, transform.KernelMatrix[^1]);
        Assert.All(transform.KernelMatrix.Skip(1).Take(taps - 1), value => Assert.Equal(0, value));
    }

    private static LayerPlan Stem(int extent, int channels, Window window, CompileOptions? options = null)
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, channels, extent, extent));
        builder.Output(builder.Conv2d("stem", image, 64, window, bias: true, activation: Activation.Relu));
        return ModelPlanner.Plan(builder.Build(), options ?? new CompileOptions()).Layers.Single(layer => layer.Node.Name == "stem");
    }

    private static WinogradTransform? Transform(int extent, Window window, CompileOptions? options = null, int kept = 16) =>
        (Plan(extent, window, options, kept) as WinogradPlan)?.Transform;

    private static WinogradPlan Layer(int extent, Window window, CompileOptions? options, int kept) =>
        Assert.IsType<WinogradPlan>(Plan(extent, window, options, kept));

    private static LayerPlan Plan(int extent, Window window, CompileOptions? options, int kept)
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, 64, extent, extent));
        var pattern = new BlockPattern(16, 64, [.. Enumerable.Repeat(Enumerable.Range(0, kept).ToArray(), 8)]);
        builder.Output(builder.Conv2d("conv", image, 128, window, pattern: pattern));
        return ModelPlanner.Plan(builder.Build(), options ?? new CompileOptions()).Layers.Single(layer => layer.Node.Name == "conv");
    }
}
