using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class PooledStemTests
{
    private static readonly Pool2d s_pool = new() { Kind = PoolKind.Maximum, Window = Window.Square(3, stride: 2, padding: 1) };

    [Fact]
    public void A_stem_and_the_pool_behind_it_are_one_layer_under_the_name_of_the_stem()
    {
        var plan = Plan(s_pool);
        var layer = Assert.IsType<WinogradPlan>(plan.Layers.Single(each => each.Node.Name == "stem"));
        Assert.Equal(new TensorShape(1, 64, 112, 112), layer.Convolved);
        Assert.Equal(new TensorShape(1, 64, 56, 56), layer.Node.Shape);
        Assert.DoesNotContain(plan.Layers, each => each.Node.Name == "pool");
        Assert.Equal(["stem"], plan.Layers.Single(each => each.Node.Name == "next").Node.Inputs);
        Assert.EndsWith("relu_maxpool3x3s2_avx512", layer.KernelName(InstructionSet.Avx512), StringComparison.Ordinal);
        Assert.Equal(["direct", "winograd4x4"], layer.Frame.Rivals.Select(rival => rival.Name));
        // The map of 112 x 112 pixels has no place.
        Assert.True(plan.ArenaLength < 64 * 112 * 112);
        Assert.Equal(147L * 64 * 112 * 112, layer.DenseMacs);
    }

    [Fact]
    public void Hints_reach_the_stem_as_before()
    {
        var asked = PlanHints.Create().Add("stem", "algorithm", "winograd4x4").Build();
        Assert.Contains(Plan(s_pool, new CompileOptions { Hints = asked }).Layers, layer => layer.Node.Operator is PooledConv2d);
        var direct = PlanHints.Create().Add("stem", "algorithm", "direct").Build();
        Assert.Contains(Plan(s_pool, new CompileOptions { Hints = direct }).Layers, layer => layer.Node.Name == "pool");
    }

    [Fact]
    public void Exact_kernels_and_other_pools_stay_layers_of_their_own()
    {
        AssertApart(Plan(s_pool, new CompileOptions { Precise = true }));
        AssertApart(Plan(s_pool with { Window = Window.Square(2, stride: 2) }));
        AssertApart(Plan(s_pool with { Window = Window.Square(3, stride: 2) }));
        AssertApart(Plan(s_pool with { Window = Window.Square(3, stride: 1, padding: 1) }));
        AssertApart(Plan(s_pool with { Kind = PoolKind.Average }));
        // Six tiles in a row.
        AssertApart(Plan(s_pool, extent: 48));
        // Rows that fill the second-level cache, and more threads than rows of tiles are worth.
        AssertApart(Plan(s_pool, extent: 1024));
        AssertApart(Plan(s_pool, new CompileOptions { ThreadCounts = [1, 16] }));
    }

    [Fact]
    public void A_stem_that_something_else_reads_or_the_caller_wants_stays_apart()
    {
        AssertApart(
            Plan(
                s_pool,
                finish: (builder, stem, pool) =>
                {
                    builder.Output(builder.Node("mean", new GlobalAveragePool(), stem));
                    return pool;
                }
            )
        );
        AssertApart(
            Plan(
                s_pool,
                finish: (builder, stem, pool) =>
                {
                    builder.Output(stem);
                    return pool;
                }
            )
        );
    }

    [Theory]
    [InlineData(1, 224, 64)]
    [InlineData(2, 102, 20)]
    [InlineData(3, 70, 48)]
    public void No_thread_touches_what_another_one_computes(int batch, int extent, int outputs)
    {
        var plan = Plan(s_pool, new CompileOptions { ThreadCounts = [1, 2, 3, 5, 8] }, extent, batch, outputs);
        Assert.Contains(plan.Layers, layer => layer.Node.Operator is PooledConv2d);
        foreach (var schedule in plan.Schedules)
            ScheduleReplay.Check(plan, schedule);
    }

    [Fact]
    public void Rows_that_threads_compute_twice_count_for_both()
    {
        var layer = Plan(s_pool).Layers.Single(each => each.Node.Name == "stem");
        var upper = layer.Cost(new WorkRange(0, 2, 0, 14));
        var lower = layer.Cost(new WorkRange(0, 2, 14, 28));
        Assert.InRange(lower / upper, 1.05, 1.09);
    }

    private static void AssertApart(ModelPlan plan) => Assert.DoesNotContain(plan.Layers, layer => layer.Node.Operator is PooledConv2d);

    private static ModelPlan Plan(
        Pool2d pool,
        CompileOptions? options = null,
        int extent = 224,
        int batch = 1,
        int outputs = 64,
        Func<GraphBuilder, string, string, string>? finish = null
    )
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(batch, 3, extent, extent));
        var window = Window.Square(7, stride: 2, padding: 3);
        var stem = builder.Conv2d("stem", image, outputs, window, bias: true, activation: Activation.Relu);
        var pooled = builder.Node("pool", pool, stem);
        builder.Output(
            finish is null ? builder.Conv2d("next", pooled, 64, Window.Square(3, padding: 1), bias: true) : finish(builder, stem, pooled)
        );
        return ModelPlanner.Plan(builder.Build(), options ?? new CompileOptions());
    }
}
