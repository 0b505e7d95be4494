using Subp.Core.Diagnostics;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests;

public sealed class PassPipelineTests
{
    [Fact]
    public void The_observer_hears_of_every_pass_in_order()
    {
        var heard = new List<string>();
        var model = PassPipeline.Pack(RandomGraph.Create(1), (pass, _, _) => heard.Add(pass));
        PassPipeline.Compile(model.Graph, (pass, _, _) => heard.Add(pass));
        Assert.Equal(
            [
                "lower-local-response-norm",
                "fold-batch-norm",
                "fold-batch-norm-ahead",
                "find-blocks",
                "widen-blocks",
                "find-few-bits",
                "drop-dead-nodes",
                "lower-reshape",
                "lower-resize",
                "fold-pad",
                "fuse-activation",
                "fuse-residual",
                "assign-layouts",
            ],
            heard
        );
    }

    [Fact]
    public void The_observer_is_told_what_changed()
    {
        var changes = new Dictionary<string, bool>();
        PassPipeline.Compile(
            Passes.PassText.Parse("input x: f32[1,4]\nnode y: f32[1,4] = relu(x)\noutput y"),
            (pass, _, changed) => changes[pass] = changed
        );
        Assert.Equal(
            [
                ("assign-layouts", true),
                ("drop-dead-nodes", false),
                ("fold-pad", false),
                ("fuse-activation", false),
                ("fuse-residual", false),
                ("lower-reshape", false),
                ("lower-resize", false),
            ],
            changes.Select(change => (change.Key, change.Value)).Order()
        );
    }

    [Fact]
    public void A_broken_network_is_refused_before_the_first_pass()
    {
        var graph = Passes.PassText.Parse("input x: f32[1,4]\nnode y: f32[1,4] = relu(x)\noutput y");
        var broken = graph.With(nodes: [graph.Nodes[0] with { Inputs = ["nothing"] }]);
        var heard = new List<string>();
        Assert.Throws<SubpException>(() => PassPipeline.Compile(broken, (pass, _, _) => heard.Add(pass)));
        Assert.Empty(heard);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Packing_a_packed_network_and_fusing_a_fused_one_change_nothing(int seed)
    {
        var packed = PassPipeline.Pack(RandomGraph.Create(seed));
        Assert.Same(packed, PassPipeline.Pack(packed));
        var graph = packed.Graph;
        foreach (var pass in PassPipeline.Compiling.SkipLast(1))
            graph = pass.Run(graph);
        foreach (var pass in PassPipeline.Compiling.SkipLast(1))
            Assert.Same(graph, pass.Run(graph));
    }
}
