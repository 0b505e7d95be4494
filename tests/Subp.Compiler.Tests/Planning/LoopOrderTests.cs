using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class LoopOrderTests
{
    [Theory]
    [InlineData(28, 2)] // More than 24 tiles, also of those with AVX-512.
    [InlineData(7, 1)] // Too few tiles read the weights for another pass over the inputs to pay.
    public void Large_weights_are_taken_in_chunks_where_many_tiles_read_them(int extent, int leastChunks)
    {
        const int groups = 80;
        const int inputs = 128;
        var builder = new GraphBuilder("pointwise");
        var image = builder.Input("x", new TensorShape(1, inputs, extent, extent));
        var kept = Enumerable.Range(0, inputs / 2).Select(channel => 2 * channel).ToArray();
        var pattern = new BlockPattern(16, inputs, [.. Enumerable.Repeat<IReadOnlyList<int>>(kept, groups)]);
        builder.Output(builder.Conv2d("y", image, groups * 16, Window.Square(1), pattern: pattern));
        var plan = ModelPlanner.Plan(builder.Build(), new CompileOptions()).Layers.OfType<ConvolutionPlan>().Single();

        foreach (var set in Enum.GetValues<InstructionSet>())
        {
            var order = LoopOrder.Of(plan, plan.Kernel(set));
            var chunks = order.GroupOutside ? 1 : (groups + order.ChunkGroups - 1) / order.ChunkGroups;
            Assert.True(leastChunks == 1 ? chunks == 1 : chunks >= leastChunks, $"{set}: {chunks} chunks");
        }
    }
}
