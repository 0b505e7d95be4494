using Subp.Compiler.Families.VectorSoftmax;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

public sealed class SchedulerTests
{
    [Fact]
    public void Every_task_belongs_to_exactly_one_thread()
    {
        var random = new Random(1);
        for (var threads = 1; threads <= 64; threads++)
        {
            var layers = Enumerable
                .Range(0, 8)
                .Select(_ => Layer([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (double)random.Next(0, 5))], random.Next(1, 60)))
                .ToArray();
            var schedule = Scheduler.Build(layers, threads);
            Assert.Equal(layers.Length, schedule.Work.Count);
            foreach (var (layer, work) in layers.Zip(schedule.Work))
            {
                Assert.Equal(threads, work.Count);
                var owners = new int[layer.TaskGroups, layer.TaskTiles];
                Assert.All(work, ranges => Assert.InRange(ranges.Count, 0, 3));
                foreach (var range in work.SelectMany(ranges => ranges))
                {
                    Assert.True(range.Tasks > 0);
                    for (var group = range.GroupFrom; group < range.GroupTo; group++)
                    {
                        for (var tile = range.TileFrom; tile < range.TileTo; tile++)
                            owners[group, tile]++;
                    }
                }

                Assert.All(owners.Cast<int>(), count => Assert.Equal(1, count));
            }
        }
    }

    [Theory]
    [InlineData(8, 8, 4, 16)]
    [InlineData(1, 7, 2, 4)]
    [InlineData(7, 1, 2, 4)]
    [InlineData(3, 2, 6, 1)]
    [InlineData(4, 1, 8, 1)]
    [InlineData(3, 1, 4, 1)]
    [InlineData(2, 1, 3, 1)]
    [InlineData(5, 100, 64, 8)]
    [InlineData(16, 7, 2, 56)]
    [InlineData(9, 7, 16, 4)]
    public void Groups_of_one_cost_are_shared_evenly(int groups, int tiles, int threads, int slowest)
    {
        var layer = Layer([.. Enumerable.Repeat(1.0, groups)], tiles);
        Assert.Equal(slowest, Scheduler.Makespan(layer, Scheduler.Build([layer], threads).Work[0]));
    }

    [Fact]
    public void Uneven_groups_are_cut_by_their_blocks_as_well_as_consecutive_groups_can_be()
    {
        var random = new Random(2);
        for (var trial = 0; trial < 200; trial++)
        {
            double[] costs = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => (double)random.Next(1, 20))];
            var threads = random.Next(1, 6);
            var layer = Layer(costs, 1);
            Assert.Equal(Best(costs, threads), Scheduler.Makespan(layer, Scheduler.Build([layer], threads).Work[0]));
        }
    }

    [Fact]
    public void Threads_that_share_all_groups_split_the_pixels()
    {
        var layer = Layer([1, 1, 1, 9], 10);
        Assert.Equal(
            [
                [new WorkRange(0, 4, 0, 5)],
                [new WorkRange(0, 4, 5, 10)],
            ],
            Scheduler.Build([layer], 2).Work[0]
        );
    }

    [Fact]
    public void Seven_bands_are_shared_by_two_threads_with_half_of_the_groups_of_the_band_between()
    {
        var layer = Layer([1, 1, 1, 1], 7);
        Assert.Equal(
            [
                [new WorkRange(0, 4, 0, 3), new WorkRange(0, 2, 3, 4)],
                [new WorkRange(2, 4, 3, 4), new WorkRange(0, 4, 4, 7)],
            ],
            Scheduler.Build([layer], 2).Work[0]
        );
    }

    [Fact]
    public void A_layer_of_empty_groups_is_scheduled_too()
    {
        var layer = Layer([0, 0, 0], 2);
        Assert.Equal(6, Scheduler.Build([layer], 2).Work[0].SelectMany(ranges => ranges).Sum(range => range.Tasks));
    }

    /// <summary>The smallest largest part of any cut into consecutive parts, by trying all of them.</summary>
    private static double Best(double[] costs, int parts)
    {
        if (parts == 1 || costs.Length <= 1)
            return costs.Sum();
        return Enumerable
            .Range(1, costs.Length)
            .Min(first => Math.Max(costs[..first].Sum(), first == costs.Length ? 0 : Best(costs[first..], parts - 1)));
    }

    private static SoftmaxPlan Layer(double[] costs, int tiles) =>
        new(
            new LayerFrame
            {
                Index = 0,
                Node = new GraphNode("layer", new Softmax(), ["x"], new TensorShape(1, 1)),
                Inputs = [null],
                Output = null,
                GroupCosts = costs,
                TaskTiles = tiles,
                MethodStem = "Layer00",
            }
        )
        {
            Operands = [],
        };
}
