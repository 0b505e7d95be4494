using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Testing;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>Threads meet where one reads what another wrote, or writes where another reads or wrote, and nowhere else.</summary>
public sealed class BarrierTests
{
    private static readonly int[] s_threads = [2, 3, 4, 7, 16];

    [Fact]
    public void Drawn_networks_never_touch_what_another_thread_writes()
    {
        for (var seed = 1; seed <= 24; seed++)
            Replay(RandomGraph.Create(seed, new RandomGraphOptions { Batch = 1 + (seed % 3), LargestExtent = 13 }).Graph);
    }

    [Fact]
    public void Residuals_in_place_concatenations_and_Winograd_tiles_never_touch_what_another_thread_writes()
    {
        Replay(Network(1, "joined", new TensorShape(2, 32, 11, 14), Joined));
        Replay(Network(1, "residual", new TensorShape(1, 64, 14, 17), Residual));
    }

    [Fact]
    public void Steps_that_read_pixel_by_pixel_what_their_thread_wrote_need_no_meeting()
    {
        var plan = Plan(
            Network(
                1,
                "points",
                new TensorShape(1, 32, 12, 28),
                static (builder, image) =>
                {
                    var first = builder.Conv2d("first", image, 64, Window.Square(1), bias: true, pattern: Uniform(64, 32, 8));
                    var second = builder.Conv2d("second", first, 64, Window.Square(1), pattern: Uniform(64, 64, 16));
                    return builder.Conv2d(
                        "third",
                        builder.Node("add", new Add { Activation = Activation.Sigmoid }, first, second),
                        32,
                        Window.Square(1),
                        pattern: Uniform(32, 64, 16)
                    );
                }
            ),
            2
        );
        // What the copy into blocks writes in the first half of the rows, nobody but the first thread reads, and so on to the end.
        Assert.All(plan.Schedules[^1].BarrierAfter, Assert.False);
    }

    [Fact]
    public void A_window_reads_rows_of_the_neighbour_and_needs_a_meeting()
    {
        var plan = Plan(
            Network(
                1,
                "window",
                new TensorShape(1, 32, 12, 28),
                static (builder, image) =>
                {
                    var first = builder.Conv2d("first", image, 32, Window.Square(1), pattern: Uniform(32, 32, 8));
                    return builder.Conv2d("second", first, 32, Window.Square(3, padding: 1), pattern: Uniform(32, 32, 8));
                }
            ),
            2
        );
        var (schedule, first) = (plan.Schedules[^1], plan.Layers.Single(layer => layer.Node.Name == "first").Index);
        Assert.True(schedule.BarrierAfter[first]);
        // The replay does find out where it is missing.
        var without = schedule with
        {
            BarrierAfter = [.. schedule.BarrierAfter.Select((barrier, layer) => barrier && layer != first)],
        };
        Assert.Contains("'second' reads float", Assert.Throws<Xunit.Sdk.FailException>(() => ScheduleReplay.Check(plan, without)).Message);
    }

    [Fact]
    public void Memory_that_another_thread_may_still_read_is_not_written_over()
    {
        // The rows of a stride of two: the threads' halves of one value lie elsewhere in memory than those of the next.
        var plan = Plan(
            Network(
                1,
                "reuse",
                new TensorShape(1, 16, 16, 28),
                static (builder, image) =>
                {
                    var value = builder.Conv2d("first", image, 64, Window.Square(1), pattern: Uniform(64, 16, 8));
                    value = builder.Conv2d("second", value, 16, Window.Square(1, stride: 2), pattern: Uniform(16, 64, 8));
                    value = builder.Conv2d("third", value, 64, Window.Square(1), pattern: Uniform(64, 16, 8));
                    return builder.Conv2d("fourth", value, 16, Window.Square(1), pattern: Uniform(16, 64, 8));
                }
            ),
            2
        );
        ScheduleReplay.Check(plan, plan.Schedules[^1]);
        Assert.Contains(true, plan.Schedules[^1].BarrierAfter);
    }

    [Fact]
    public void One_thread_never_meets_anybody_and_nobody_meets_behind_the_last_layer()
    {
        var plan = Plan(Network(1, "residual", new TensorShape(1, 64, 14, 17), Residual), 1, 2);
        Assert.All(plan.Schedules[0].BarrierAfter, Assert.False);
        Assert.False(plan.Schedules[1].BarrierAfter[^1]);
    }

    private static void Replay(Graph graph)
    {
        var plan = Plan(graph, s_threads);
        foreach (var schedule in plan.Schedules)
            ScheduleReplay.Check(plan, schedule);
    }

    private static ModelPlan Plan(Graph graph, params int[] threads) =>
        ModelPlanner.Plan(graph, new CompileOptions { ThreadCounts = threads });

    private static Graph Network(int seed, string name, TensorShape input, Func<GraphBuilder, string, string> layers)
    {
        var builder = new GraphBuilder(name);
        builder.Output(layers(builder, builder.Input("image", input)));
        return PassPipeline.Pack(RandomWeights.For(builder.Build(), seed)).Graph;
    }

    private static string Joined(GraphBuilder builder, string image)
    {
        var one = builder.Conv2d("one", image, 48, Window.Square(1), bias: true, activation: Activation.Relu);
        var three = builder.Conv2d("three", image, 16, Window.Square(3, padding: 1), bias: true, pattern: Uniform(16, 32, 8));
        var pool = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 1, 1) }, image);
        var joined = builder.Node("join", new Concat(), one, three, pool);
        var five = builder.Conv2d("five", joined, 21, Window.Square(5, padding: 2), bias: true);
        return builder.Node("end", new Concat(), three, five);
    }

    private static string Residual(GraphBuilder builder, string image)
    {
        var first = builder.Conv2d(
            "first",
            image,
            96,
            Window.Square(3, padding: 1),
            bias: true,
            pattern: Uniform(96, 64, 32),
            activation: Activation.Relu
        );
        var second = builder.Conv2d("second", first, 64, Window.Square(3, padding: 1), bias: true, pattern: Uniform(64, 96, 40));
        var sum = builder.Node("sum", Activate.Relu, builder.Node("add", new Add(), second, image));
        var third = builder.Conv2d("third", sum, 64, Window.Square(3, padding: 1), bias: true);
        return builder.Node("end", new Add(), third, sum);
    }

    private static BlockPattern Uniform(int outputs, int inputs, int kept) =>
        new(
            16,
            inputs,
            [
                .. Enumerable
                    .Range(0, outputs / 16)
                    .Select(group =>
                        Enumerable.Range(0, kept).Select(index => ((index * inputs / kept) + group) % inputs).Order().ToArray()
                    ),
            ]
        );
}
