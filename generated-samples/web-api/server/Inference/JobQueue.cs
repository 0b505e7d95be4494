using System.Threading.Channels;
using WebApi.Options;

namespace WebApi.Inference;

/// <summary>The images that wait for a worker: at most as many as configured. A full queue refuses, it never makes anyone wait.</summary>
public sealed class JobQueue
{
    private readonly Channel<Job> _channel;
    private long _accepted;

    /// <summary>Creates an empty queue.</summary>
    public JobQueue(ServingOptions options) =>
        _channel = Channel.CreateBounded<Job>(
            new BoundedChannelOptions(options.QueueCapacity)
            {
                FullMode = BoundedChannelFullMode.Wait,
                // All that continues is the wake-up of a worker thread. Sent through the thread pool, it would wait behind the requests
                // that crowd there.
                AllowSynchronousContinuations = true,
            }
        );

    /// <summary>The number of waiting images.</summary>
    public int Depth => _channel.Reader.Count;

    /// <summary>The number of images that were ever taken in.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Takes a job in, or refuses it because the queue is full or closed.</summary>
    public bool TryAdd(Job job)
    {
        if (!_channel.Writer.TryWrite(job))
            return false;
        Interlocked.Increment(ref _accepted);
        return true;
    }

    /// <summary>Refuses everything from now on; what waits can still be taken out.</summary>
    public void Close() => _channel.Writer.TryComplete();

    /// <summary>Blocks the calling thread, a worker's own, until a job waits.</summary>
    /// <returns>False once the queue is closed and empty.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public bool WaitForMore(CancellationToken cancellation) =>
        _channel.Reader.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult();

    /// <summary>Takes a job out where one waits.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Job? job) => _channel.Reader.TryRead(out job);
}
