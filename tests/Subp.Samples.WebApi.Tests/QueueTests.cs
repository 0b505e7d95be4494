using Microsoft.Extensions.Logging.Abstractions;
using WebApi.Inference;
using WebApi.Options;
using Xunit;

namespace Subp.Samples.WebApi.Tests;

public sealed class QueueTests
{
    [Fact]
    public void A_full_queue_refuses_and_so_does_a_closed_one()
    {
        var queue = new JobQueue(new ServingOptions { QueueCapacity = 2 });
        Assert.True(queue.TryAdd(NewJob()));
        Assert.True(queue.TryAdd(NewJob()));
        Assert.False(queue.TryAdd(NewJob()));
        Assert.True(queue.TryTake(out _));
        queue.Close();
        Assert.False(queue.TryAdd(NewJob()));
        Assert.Equal(2, queue.Accepted);
    }

    [Fact]
    public async Task What_waits_when_the_server_stops_is_answered_and_what_nobody_waits_for_is_skipped()
    {
        var options = new ServingOptions { Workers = 2 };
        var queue = new JobQueue(options);
        var jobs = Enumerable.Range(0, 100).Select(_ => NewJob()).ToArray();
        var gone = NewJob(new CancellationToken(canceled: true));
        Assert.All(jobs, job => Assert.True(queue.TryAdd(job)));
        Assert.True(queue.TryAdd(gone));

        var workers = new Workers(queue, options, NullLogger<Workers>.Instance);
        await workers.StartAsync(CancellationToken.None);
        await workers.StopAsync(CancellationToken.None);
        Assert.All(jobs, job => Assert.True(job.Answer.IsCompletedSuccessfully));
        Assert.True(gone.Answer.IsCanceled);
    }

    [Fact]
    public async Task What_still_waits_when_the_time_for_the_shutdown_is_over_is_abandoned()
    {
        var options = new ServingOptions { Workers = 1, QueueCapacity = 10_000 };
        var queue = new JobQueue(options);
        var workers = new Workers(queue, options, NullLogger<Workers>.Instance);
        await workers.StartAsync(CancellationToken.None);
        var jobs = Enumerable.Range(0, options.QueueCapacity).Select(_ => NewJob()).Where(queue.TryAdd).ToArray();
        await workers.StopAsync(new CancellationToken(canceled: true));
        Assert.All(jobs, job => Assert.True(job.Answer.IsCompleted));
    }

    private static Job NewJob(CancellationToken cancellation = default) => new(new byte[784], cancellation);
}
