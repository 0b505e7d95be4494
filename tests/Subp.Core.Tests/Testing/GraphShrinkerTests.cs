using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;
using Xunit;

namespace Subp.Core.Tests.Testing;

public class GraphShrinkerTests
{
    [Fact]
    public void A_failing_network_shrinks_to_what_fails()
    {
        static bool Fails(Graph graph) =>
            graph.Nodes.Any(node =>
                node.Operator is Pool2d { Kind: PoolKind.Maximum } && graph.FindNode(node.Inputs[0])?.Operator is Conv2d
            );
        var failing = Enumerable
            .Range(0, 400)
            .Select(seed => RandomGraph.Create(seed, new RandomGraphOptions { LargestDepth = 8 }).Graph)
            .Where(graph => Fails(graph) && graph.Nodes.Count > 8)
            .ToArray();
        Assert.NotEmpty(failing);
        foreach (var graph in failing)
        {
            var small = GraphShrinker.Shrink(graph, Fails, attempts: 500);
            GraphVerifier.Verify(small);
            Assert.True(Fails(small) && small.Nodes.Count < graph.Nodes.Count);
            Assert.IsType<Pool2d>(small.Nodes[^1].Operator);
        }
    }
}
