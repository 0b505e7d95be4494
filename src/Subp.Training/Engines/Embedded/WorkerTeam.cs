namespace Subp.Training.Engines.Embedded;

/// <summary>
/// A fixed team of threads that runs numbered tasks. Which worker runs which task is left to the moment; results stay the same
/// because every task writes only what belongs to its number, and sums over tasks are taken in the order of the numbers.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    private readonly SemaphoreSlim _start = new(0);
    private readonly ManualResetEventSlim _done = new(false);
    private readonly Thread[] _threads;
    private Action<int, int>? _body;
    private Exception? _failure;
    private int _taskCount;
    private int _nextTask;
    private int _running;
    private volatile bool _stopping;

    /// <summary>Starts a team; the calling thread is its worker 0.</summary>
    public WorkerTeam(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        Workers = workers;
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"subp-training-{worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>The number of workers, the caller included.</summary>
    public int Workers { get; }

    /// <summary>Runs <paramref name="body"/>(task, worker) for every task and returns when all are done.</summary>
    /// <exception cref="AggregateException">A task threw; the other tasks may or may not have run.</exception>
    public void Run(int taskCount, Action<int, int> body)
    {
        if (_threads.Length == 0 || taskCount <= 1)
        {
            for (int task = 0; task < taskCount; task++)
                body(task, 0);

            return;
        }

        _body = body;
        _taskCount = taskCount;
        _nextTask = 0;
        _running = _threads.Length;
        _done.Reset();
        _start.Release(_threads.Length);
        Work(0);
        _done.Wait();
        _body = null;
        if (_failure is { } failure)
        {
            _failure = null;
            throw new AggregateException(failure);
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        _stopping = true;
        if (_threads.Length > 0)
            _start.Release(_threads.Length);

        foreach (var thread in _threads)
            thread.Join();

        _start.Dispose();
        _done.Dispose();
    }

    private void Loop(int worker)
    {
        while (true)
        {
            _start.Wait();
            if (_stopping)
                return;

            Work(worker);
            if (Interlocked.Decrement(ref _running) == 0)
                _done.Set();
        }
    }

    private void Work(int worker)
    {
        var body = _body!;
        try
        {
            for (int task = Interlocked.Increment(ref _nextTask) - 1; task < _taskCount; task = Interlocked.Increment(ref _nextTask) - 1)
                body(task, worker);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, exception, null);
        }
    }
}
