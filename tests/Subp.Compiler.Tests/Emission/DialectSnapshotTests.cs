using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

/// <summary>
/// The same small kernels in every instruction set, side by side in one file: loads, stores, products, sums and activations of a block, and
/// the gathering of channels, whose instructions differ most. All other snapshots show one instruction set;
/// <see cref="LayerSnapshotTests"/> says why there are any.
/// </summary>
public sealed class DialectSnapshotTests
{
    private static readonly InstructionSet[] s_sets = [InstructionSet.Avx512, InstructionSet.Avx2, InstructionSet.Portable];

    [Fact]
    public void A_sparse_convolution_of_one_block_in_every_instruction_set() =>
        Verify(
            new TensorShape(1, 16, 1, 2),
            (builder, image) =>
            {
                var pattern = new BlockPattern(
                    16,
                    16,
                    [
                        [2],
                    ]
                );
                var layer = builder.Conv2d("layer", image, 16, Window.Square(1), bias: true, pattern: pattern);
                return builder.Node("act", Activate.Relu6, builder.Node("sum", new Add(), layer, image));
            },
            "dialects"
        );

    [Fact]
    public void A_shuffle_of_channels_in_every_instruction_set() =>
        Verify(
            new TensorShape(1, 20, 3, 4),
            (builder, image) => builder.Node("layer", new ChannelShuffle { Groups = 2 }, image),
            "shuffle"
        );

    private static void Verify(TensorShape input, Func<GraphBuilder, string, string> layers, string name) =>
        Snapshot.Verify(
            SnapshotNetwork.Select(SnapshotNetwork.Emit(input, layers, s_sets, UnrollMode.Full), part: null, s_sets),
            name,
            "cs"
        );
}
