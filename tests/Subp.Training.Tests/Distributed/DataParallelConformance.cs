using System.Globalization;
using Subp.Core.Graphs;
using Subp.Testing;
using Subp.Training.Distributed;
using Subp.Training.Engines;
using Subp.Training.Sparsification;
using Subp.Training.Tests.Engines;

namespace Subp.Training.Tests.Distributed;

/// <summary>What every engine must do when several processes train one network. Engines derive a class from it.</summary>
public abstract class DataParallelConformance
{
    private const int Steps = 50;
    private const int Batch = 24;
    private const string LossesOfRank0 = "losses of rank 0: ";
    private static readonly StepSettings s_settings = new(0.02f, 0.9f, 5e-4f, 0.1f, 2e-4f);

    /// <summary>The engine under test.</summary>
    protected abstract ITrainingEngineProvider Provider { get; }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public virtual void Ranks_have_the_loss_curve_of_one_process_on_the_same_batches(int ranks)
    {
        var graph = NetworkWithoutNormalization();
        var alone = Losses(graph, SingleProcess.Instance).Losses;
        var together = ThreadGroup.Run(ranks, group => Losses(graph, group));

        AssertClose(alone, together[0].Losses);
        Assert.All(together, rank => Assert.Equal(together[0].Weights, rank.Weights));
    }

    [Fact]
    public virtual void With_batch_normalisation_ranks_do_what_one_process_does_that_normalises_each_part_by_itself()
    {
        var graph = TestNetworks.All["residual"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Batch);
        using var engine = Provider.Create(TestNetworks.Request(graph, weights, Batch / 2, threads: 1));
        Mask(engine);
        double[] alone = [.. Enumerable.Range(0, Steps).Select(_ => AccumulatedGradients.Train(engine, images, labels, 2, s_settings))];

        var together = ThreadGroup.Run(2, group => Losses(graph, group));

        AssertClose(alone, together[0].Losses);
        Assert.Equal(together[0].Weights, together[1].Weights);
    }

    [Fact]
    public void The_running_statistics_of_rank_0_are_taken_over()
    {
        var graph = TestNetworks.All["plain"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Batch);
        var statistics = ThreadGroup.Run(
            2,
            group =>
            {
                var parallel = new DataParallel(group, Batch);
                using var engine = Provider.Create(TestNetworks.Request(graph, weights, parallel.BatchSize, threads: 1));
                parallel.Connect(engine);
                Step(engine, parallel, images, labels);
                var before = engine.Values("norm.mean").ToArray();
                parallel.ShareStatistics(engine);
                return (Before: before, After: engine.Values("norm.mean").ToArray());
            }
        );

        Assert.NotEqual(statistics[0].Before, statistics[1].Before);
        Assert.Equal(statistics[0].Before, statistics[0].After);
        Assert.Equal(statistics[0].Before, statistics[1].After);
    }

    [FactWithMpi]
    public virtual void Under_MPI_ranks_have_the_loss_curve_of_one_process_on_the_same_batches()
    {
        var alone = Losses(NetworkWithoutNormalization(), SingleProcess.Instance).Losses;

        var result = ChildProcess.RunUnder(["mpirun", "-n", "2"], PrintLosses, "", FactWithMpiAttribute.Environment);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        // A terminal may have been prepared in front of the line.
        var line = Assert.Single(result.Output.Split('\n'), line => line.Contains(LossesOfRank0, StringComparison.Ordinal));
        var together = line[(line.IndexOf(LossesOfRank0, StringComparison.Ordinal) + LossesOfRank0.Length)..].Split(' ');
        AssertClose(alone, [.. together.Select(loss => double.Parse(loss, CultureInfo.InvariantCulture))]);
    }

    /// <summary>A static method that joins the group of the launcher and calls <see cref="PrintLossesOfRank0"/>.</summary>
    protected abstract Action<string> PrintLosses { get; }

    /// <summary>Trains as a rank; rank 0 writes its losses to standard output.</summary>
    protected void PrintLossesOfRank0(IProcessGroup group)
    {
        var losses = Losses(NetworkWithoutNormalization(), group).Losses;
        if (group.Rank == 0)
            Console.WriteLine(LossesOfRank0 + string.Join(' ', losses.Select(loss => loss.ToString("R", CultureInfo.InvariantCulture))));
    }

    /// <summary>A network on which the split of a batch has no influence.</summary>
    internal static Graph NetworkWithoutNormalization() => TestNetworks.All["pools"]();

    private (double[] Losses, float[] Weights) Losses(Graph graph, IProcessGroup group)
    {
        var (weights, images, labels) = TestNetworks.Data(graph, Batch);
        var parallel = new DataParallel(group, Batch);
        using var engine = Provider.Create(TestNetworks.Request(graph, weights, parallel.BatchSize, threads: 1));
        Mask(engine);
        parallel.Connect(engine);
        double[] losses = [.. Enumerable.Range(0, Steps).Select(_ => Step(engine, parallel, images, labels).Loss)];
        return (losses, [.. engine.GradientOrder.SelectMany(name => engine.Values(name).ToArray())]);
    }

    private static StepResult Step(ITrainingEngine engine, DataParallel parallel, float[] images, int[] labels)
    {
        var length = images.Length / labels.Length;
        var first = parallel.Shard.Index * parallel.BatchSize;
        return parallel.Combine(
            engine.Train(images.AsSpan(first * length, parallel.BatchSize * length), labels.AsSpan(first, parallel.BatchSize), s_settings)
        );
    }

    // Half of the blocks of the second convolution.
    private static void Mask(ITrainingEngine engine)
    {
        var shape = engine.Graph.Parameter("c1.weight").Shape;
        var grid = new BlockGrid(shape[0], shape[1], shape[2] * shape[3], shape[0] % 4 == 0 ? 4 : 2);
        var kept = Enumerable.Range(0, grid.Groups * grid.InputChannels).Select(block => (byte)(block % 2)).ToArray();
        engine.SetMask("c1.weight", grid, BlockMask.FromBytes(grid.Groups, grid.InputChannels, kept));
    }

    private static void AssertClose(double[] expected, double[] found)
    {
        Assert.True(expected[^1] < 0.9 * expected[0], $"The training did not learn: {expected[0]} to {expected[^1]}.");
        for (var step = 0; step < expected.Length; step++)
            Assert.Equal(expected[step], found[step], 1e-4);
    }
}
