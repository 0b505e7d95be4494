using WebApi.Options;

namespace WebApi.Inference;

/// <summary>
/// The pool of sessions: one per worker, all over the same weights. A session is used by its worker only, so none is ever contended, and
/// the number of workers bounds the processors that inference may take. Each worker is a thread of its own: on the thread pool it would
/// take turns with the requests, and a crowd of them would keep it from the work that empties the queue.
/// </summary>
public sealed partial class Workers(JobQueue queue, ServingOptions options, ILogger<Workers> log) : IHostedService
{
    private readonly CancellationTokenSource _abandon = new();
    private Task _work = Task.CompletedTask;
    private int _running;
    private long _answered;
    private long _skipped;

    /// <summary>True once every session exists and has computed an answer.</summary>
    public bool Ready { get; private set; }

    /// <summary>The number of workers that compute at this moment.</summary>
    public int Busy => Volatile.Read(ref _running);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var count = options.EffectiveWorkers;
        var sessions = new Fashion.Session[count];
        for (var index = 0; index < count; index++)
            sessions[index] = Warm(Fashion.Instance.CreateSession(options.ThreadsPerSession));
        _work = Task.WhenAll(
            sessions.Select(session =>
                Task.Factory.StartNew(() => Work(session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            )
        );
        Ready = true;
        LogStarted(count, options.ThreadsPerSession, sessions[0].InstructionSet.ToString(), options.QueueCapacity);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Finishes what is queued. Kestrel has stopped before: the host stops its services in the reverse order of their start.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Close();
        await using (cancellationToken.UnsafeRegister(_ => _abandon.Cancel(), null))
            await _work;
        var abandoned = 0;
        for (; queue.TryTake(out var job); abandoned++)
            job.Abandon();
        LogDrained(queue.Accepted, Volatile.Read(ref _answered), Volatile.Read(ref _skipped), abandoned);
    }

    private void Work(Fashion.Session session)
    {
        using var _ = session;
        var (input, output) = (new float[Fashion.InputLength], new float[Fashion.OutputLength]);
        try
        {
            while (queue.WaitForMore(_abandon.Token))
            {
                while (!_abandon.IsCancellationRequested && queue.TryTake(out var job))
                {
                    Interlocked.Increment(ref _running);
                    Interlocked.Increment(ref job.Run(session, input, output) ? ref _answered : ref _skipped);
                    Interlocked.Decrement(ref _running);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The time for the shutdown is over; what still waits is abandoned by StopAsync.
        }
    }

    // The first run of a session touches its memory and compiles its kernels, which no caller should wait for.
    private static Fashion.Session Warm(Fashion.Session session)
    {
        session.Run(new float[Fashion.InputLength], new float[Fashion.OutputLength]);
        return session;
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Serving with {Workers} sessions of {Threads} threads on {InstructionSet}; the queue holds {Capacity} images."
    )]
    private partial void LogStarted(int workers, int threads, string instructionSet, int capacity);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Drained: {Accepted} accepted, {Answered} answered, {Skipped} skipped because the caller had gone, {Abandoned} abandoned."
    )]
    private partial void LogDrained(long accepted, long answered, long skipped, int abandoned);
}
