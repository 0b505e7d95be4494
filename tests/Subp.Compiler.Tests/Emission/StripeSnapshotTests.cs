using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Text;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

/// <summary>The emitted files of layers over stripes of pixels, as a user reads them; see <see cref="LayerSnapshotTests"/>.</summary>
public sealed class StripeSnapshotTests
{
    [Fact]
    public void A_convolution_over_stripes() => Verify(null, "stripes", InstructionSet.Avx512);

    [Fact]
    public void A_convolution_over_stripes_with_AVX2() => Verify(null, "stripes-avx2", InstructionSet.Avx2);

    [Fact]
    public void A_copy_from_blocks_to_stripes() => Verify("Layer01_ImageBlocked16Stripes16", "copy-to-stripes", InstructionSet.Avx512);

    [Fact]
    public void The_methods_that_turn_sixteen_pixels_of_sixteen_channels() =>
        Verify("Transpositions", "transpositions", InstructionSet.Avx512);

    [Fact]
    public void The_same_with_AVX2() => Verify("Transpositions", "transpositions-avx2", InstructionSet.Avx2);

    /// <summary>Four stripes, the last partly used, in spans of three and of one, and a residual.</summary>
    private static void Verify(string? file, string name, InstructionSet set)
    {
        var pattern = new BlockPattern(
            4,
            16,
            [
                [1, 3, 4],
                [0, 9, 15],
                [2, 5, 11],
                [6, 7, 8],
            ]
        );
        var files = SnapshotNetwork.Emit(
            new TensorShape(1, 16, 9, 8),
            (builder, image) =>
            {
                var conv = builder.Conv2d("layer", image, 16, Window.Square(1), bias: true, pattern: pattern);
                return builder.Node("act", new Add { Activation = Activation.Relu }, conv, image);
            },
            [set],
            hints: PlanHints.Create().Add("act", "layout", "stripes").Build()
        );
        Snapshot.Verify(SnapshotNetwork.Without(InstructionSet.Portable, SnapshotNetwork.Select(files, file, [set])), name, "cs");
    }
}
