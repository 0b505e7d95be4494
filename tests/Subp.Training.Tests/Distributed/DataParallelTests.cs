using Subp.Core.Diagnostics;
using Subp.Training.Distributed;
using Subp.Training.Engines.Embedded;
using Subp.Training.Tests.Engines;

namespace Subp.Training.Tests.Distributed;

public sealed class DataParallelTests
{
    [Fact]
    public void A_batch_that_cannot_be_divided_is_answered_with_SUBP0540()
    {
        var failure = Assert.Throws<SubpException>(() => ThreadGroup.Run(3, group => new DataParallel(group, 32)));

        Assert.Equal("SUBP0540", failure.Diagnostic.Descriptor.Id);
        Assert.Equal("32 images for 3 ranks", failure.Diagnostic.Found);
    }

    [Fact]
    public void Ranks_that_hold_other_weights_are_answered_with_SUBP0541()
    {
        var graph = TestNetworks.All["plain"]();
        var (weights, _, _) = TestNetworks.Data(graph, 1);
        var failure = Assert.Throws<SubpException>(() =>
            ThreadGroup.Run(
                2,
                group =>
                {
                    var parallel = new DataParallel(group, 2);
                    using var engine = new EmbeddedEngine(TestNetworks.Request(graph, weights, 1, 1));
                    parallel.RequireAgreement(3, engine, []);
                    if (group.Rank == 1)
                        engine.SetValues("fc.bias", new float[10]);
                    parallel.RequireAgreement(4, engine, []);
                    return true;
                }
            )
        );

        Assert.Equal("SUBP0541", failure.Diagnostic.Descriptor.Id);
        Assert.Equal("epoch 4", failure.Diagnostic.Location);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(100, 2)]
    [InlineData(1 << 20, 1)]
    public void Gradients_that_become_complete_one_after_the_other_share_buckets(int bytes, int expected)
    {
        (string, int)[] parameters = [("a", 3), ("b", 20), ("c", 5), ("d", 1)];
        var sums = ThreadGroup.Run(
            2,
            group =>
            {
                var buckets = new GradientBuckets(group, parameters, bytes);
                Assert.Equal(expected, buckets.Count);
                var received = new List<float>();
                for (var step = 0; step < 2; step++)
                {
                    foreach (var (name, length) in parameters)
                        buckets.Send(name, Enumerable.Repeat(step + group.Rank + 1f, length).ToArray());
                    foreach (var (name, length) in parameters)
                    {
                        var gradient = new float[length];
                        buckets.Receive(name, gradient);
                        received.AddRange(gradient);
                    }
                }

                return received;
            }
        );

        // The mean of 1 and 2, then of 2 and 3.
        Assert.All(sums, sum => Assert.Equal([.. Enumerable.Repeat(1.5f, 29), .. Enumerable.Repeat(2.5f, 29)], sum));
    }

    [Fact]
    public void What_rank_0_has_reaches_all_whatever_its_length()
    {
        byte[]?[] shared = ThreadGroup.Run(3, group => group.Share(group.Rank == 0 ? [1, 2, 3] : null));
        byte[]?[] absent = ThreadGroup.Run(3, group => group.Share(null));

        Assert.All(shared, bytes => Assert.Equal([1, 2, 3], bytes));
        Assert.All(absent, Assert.Null);
    }

    [Fact]
    public void What_each_rank_has_reaches_all_in_the_order_of_ranks()
    {
        var gathered = ThreadGroup.Run(3, group => group.Gather([.. Enumerable.Repeat((byte)(255 - group.Rank), group.Rank)]));

        Assert.All(
            gathered,
            parts =>
                Assert.Equal(
                    [
                        [],
                        [254],
                        [253, 253],
                    ],
                    parts
                )
        );
        Assert.Equal(
            [
                [1, 2],
            ],
            SingleProcess.Instance.Gather([1, 2])
        );
    }
}
