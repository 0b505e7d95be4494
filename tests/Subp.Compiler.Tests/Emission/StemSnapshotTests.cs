using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Emission;

public sealed class StemSnapshotTests
{
    /// <summary>Two images whose last tiles are cut, and a convolution that wants zeros around the pooled map.</summary>
    [Fact]
    public void A_stem_with_its_pool()
    {
        IReadOnlyList<InstructionSet> sets = [InstructionSet.Avx512];
        var hints = PlanHints.Create().Add("layer", "algorithm", "winograd4x4").Build();
        var files = SnapshotNetwork.Emit(new TensorShape(2, 3, 26, 60), Layers, sets, UnrollMode.Auto, hints);
        Snapshot.Verify(
            SnapshotNetwork.Without(InstructionSet.Portable, SnapshotNetwork.Select(files, part: null, sets)),
            "pooled-stem",
            "cs"
        );
    }

    private static string Layers(GraphBuilder builder, string image)
    {
        var layer = builder.Conv2d("layer", image, 16, Window.Square(7, stride: 2, padding: 3), bias: true, activation: Activation.Relu);
        var pool = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, stride: 2, padding: 1) }, layer);
        return builder.Conv2d("next", pool, 16, Window.Square(3, padding: 1));
    }
}
