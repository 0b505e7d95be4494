using Subp.Compiler.Packing;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Packing;

public sealed class BlockPassTests
{
    private static readonly FindBlocks s_find = new();
    private static readonly WidenBlocks s_widen = new();

    [Theory]
    [InlineData(32)]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    [InlineData(2)]
    public void The_largest_block_length_is_found(int blockLength)
    {
        // Neighbouring groups differ, so that no longer block covers them.
        var pattern = new BlockPattern(
            blockLength,
            5,
            [.. Enumerable.Range(0, 64 / blockLength).Select(group => new[] { group % 2, 3, 4 })]
        );
        var found = Agreement.After(s_find, Undeclared(64, pattern));
        Assert.Equal(pattern, found.Graph.Parameter("conv.weight").Pattern);
        Assert.True(found.Graph.Parameter("conv.weight").Pattern!.IsUniform);
    }

    [Fact]
    public void Uneven_groups_and_an_empty_one_are_found()
    {
        var pattern = new BlockPattern(
            16,
            4,
            [
                [0, 1],
                [],
                [3],
            ]
        );
        var found = Agreement.After(s_find, Undeclared(48, pattern)).Graph.Parameter("conv.weight").Pattern!;
        Assert.Equal(pattern, found);
        Assert.False(found.IsUniform);
    }

    [Fact]
    public void The_blocks_of_a_linear_layer_are_found()
    {
        var pattern = new BlockPattern(
            8,
            12,
            [
                [1, 5, 9],
                [0, 2, 11],
            ]
        );
        var builder = new GraphBuilder("net");
        builder.Output(builder.Linear("linear", builder.Input("features", new TensorShape(2, 12)), 16, pattern));
        var found = Agreement.After(s_find, Forget(RandomWeights.For(builder.Build(), 1)));
        Assert.Equal(pattern, found.Graph.Parameter("linear.weight").Pattern);
    }

    [Fact]
    public void A_weight_without_a_pruned_block_stays_dense()
    {
        var model = Undeclared(16, BlockPattern.Full(16, 16, 4));
        // Single zeros are no pruned block: one tap of each kernel is zero here.
        for (var index = 0; index < model.Weights["conv.weight"].Values.Length; index += 9)
            model.Weights["conv.weight"].Values[index] = 0;
        Assert.Same(model, s_find.Run(model));
    }

    [Fact]
    public void Zeros_that_no_two_neighbouring_rows_share_stay_dense()
    {
        var model = Undeclared(15, new BlockPattern(1, 3, [.. Enumerable.Range(0, 15).Select(row => new[] { row % 3 })]));
        Assert.Same(model, s_find.Run(model));
    }

    [Fact]
    public void Declared_patterns_and_grouped_convolutions_are_not_searched()
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, 8, 3, 3));
        var declared = builder.Conv2d(
            "declared",
            image,
            8,
            Window.Square(1),
            pattern: new BlockPattern(
                4,
                8,
                [
                    [0],
                    [0],
                ]
            )
        );
        builder.Output(builder.Conv2d("grouped", declared, 8, Window.Square(1), groups: 2));
        var model = RandomWeights.For(builder.Build(), 1);
        Array.Clear(model.Weights["grouped.weight"].Values);
        Assert.Same(model, s_find.Run(model));
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(1, 4)]
    [InlineData(3, 12)]
    [InlineData(6, 12)]
    public void Blocks_without_a_kernel_become_the_wider_ones_that_cover_them(int found, int widened)
    {
        var pattern = new BlockPattern(found, 10, [.. Enumerable.Range(0, 24 / found).Select(group => new[] { group % 4, 7 })]);
        var model = Agreement.After(s_widen, Declared(24, pattern));
        var wide = model.Graph.Parameter("conv.weight").Pattern!;
        Assert.Equal(widened, wide.BlockLength);
        for (var group = 0; group < pattern.Groups; group++)
            Assert.Subset(wide.Kept(group * found / widened).ToHashSet(), pattern.Kept(group).ToHashSet());
        Assert.DoesNotContain(9, Enumerable.Range(0, wide.Groups).SelectMany(wide.Kept));
    }

    [Fact]
    public void Narrow_blocks_found_in_a_weight_never_reach_the_planner()
    {
        var pattern = new BlockPattern(
            2,
            4,
            [
                [0],
                [1],
                [2],
                [1],
            ]
        );
        var packed = PassPipeline.Pack(Undeclared(8, pattern)).Graph.Parameter("conv.weight").Pattern!;
        Assert.Equal(
            new BlockPattern(
                4,
                4,
                [
                    [0, 1],
                    [1, 2],
                ]
            ),
            packed
        );
    }

    [Fact]
    public void Narrow_blocks_become_dense_where_the_output_channels_allow_no_wider_ones() =>
        Assert.Null(
            Agreement
                .After(
                    s_widen,
                    Declared(
                        6,
                        new BlockPattern(
                            2,
                            4,
                            [
                                [0],
                                [1],
                                [2],
                            ]
                        )
                    )
                )
                .Graph.Parameter("conv.weight")
                .Pattern
        );

    [Fact]
    public void Narrow_blocks_become_dense_where_the_wider_ones_would_keep_everything() =>
        Assert.Null(
            WidenBlocks.Widen(
                new BlockPattern(
                    2,
                    2,
                    [
                        [0],
                        [1],
                    ]
                )
            )
        );

    [Fact]
    public void The_blocks_of_a_grouped_convolution_become_dense()
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, 8, 3, 3));
        builder.Output(
            builder.Conv2d(
                "conv",
                image,
                8,
                Window.Square(1),
                groups: 2,
                pattern: new BlockPattern(
                    4,
                    4,
                    [
                        [0],
                        [3],
                    ]
                )
            )
        );
        Assert.Null(Agreement.After(s_widen, RandomWeights.For(builder.Build(), 1)).Graph.Parameter("conv.weight").Pattern);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(16)]
    public void Blocks_with_a_kernel_are_left_alone(int blockLength)
    {
        var model = Declared(
            blockLength,
            new BlockPattern(
                blockLength,
                3,
                [
                    [1],
                ]
            )
        );
        Assert.Same(model, s_widen.Run(model));
    }

    private static Model Declared(int outputs, BlockPattern pattern)
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, pattern.InputChannels, 3, 4));
        builder.Output(builder.Conv2d("conv", image, outputs, Window.Square(3, padding: 1), pattern: pattern));
        return RandomWeights.For(builder.Build(), seed: 1);
    }

    private static Model Undeclared(int outputs, BlockPattern pattern) => Forget(Declared(outputs, pattern));

    private static Model Forget(Model model) => model with { Graph = model.Graph.WithDenseParameters() };
}
