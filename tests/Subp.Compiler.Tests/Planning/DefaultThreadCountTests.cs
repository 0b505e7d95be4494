using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Xunit;

namespace Subp.Compiler.Tests.Planning;

/// <summary>A session that is asked for no thread count takes one that pays by the predicted times.</summary>
public sealed class DefaultThreadCountTests
{
    [Fact]
    public void A_network_of_a_few_microseconds_runs_on_one_thread() => Assert.Equal([1], Counts(channels: 16, extent: 8, 1, 2, 4));

    [Fact]
    public void A_network_of_milliseconds_runs_on_all_threads() => Assert.Equal([1, 2, 4], Counts(channels: 256, extent: 56, 1, 2, 4));

    [Fact]
    public void Threads_beyond_what_a_layer_divides_into_do_not_count()
    {
        // One group of channels and four rows of tiles are no work for 64 threads.
        var counts = Counts(channels: 64, extent: 28, 1, 2, 64);
        Assert.Contains(2, counts);
        Assert.DoesNotContain(64, counts);
    }

    [Fact]
    public void One_thread_is_a_default_that_need_not_be_asked_for() => Assert.Equal(1, Counts(channels: 256, extent: 56, 2)[0]);

    private static IReadOnlyList<int> Counts(int channels, int extent, params int[] threads)
    {
        var builder = new GraphBuilder("net");
        var value = builder.Input("image", new TensorShape(1, channels, extent, extent));
        for (var layer = 0; layer < 4; layer++)
            value = builder.Conv2d(FormattableString.Invariant($"conv{layer}"), value, channels, Window.Square(3, padding: 1), bias: true);
        builder.Output(value);
        return ModelPlanner.Plan(builder.Build(), new CompileOptions { ThreadCounts = threads }).DefaultThreadCounts;
    }
}
