namespace Subp.Training.Images.Streaming;

/// <summary>
/// Computes items on worker threads and hands them out in their order. At most as many are kept as there are places, so that memory does
/// not grow when the reader is slower than the workers. What a worker throws, the reader gets in its turn.
/// </summary>
/// <typeparam name="T">What the places hold; they are made once and used again.</typeparam>
internal sealed class OrderedQueue<T> : IDisposable
    where T : class
{
    private readonly Action<int, T> _compute;
    private readonly int _end;
    private readonly T[] _places;
    private readonly bool[] _isReady;
    private readonly Exception?[] _failures;
    private readonly Thread[] _workers;
    private readonly object _lock = new();
    private int _next;
    private int _taken;
    private bool _isStopped;

    /// <summary>Starts the workers.</summary>
    /// <param name="first">The first item.</param>
    /// <param name="end">The item behind the last.</param>
    /// <param name="places">Room for items.</param>
    /// <param name="threads">The number of workers.</param>
    /// <param name="compute">Computes an item into a place.</param>
    public OrderedQueue(int first, int end, T[] places, int threads, Action<int, T> compute)
    {
        (_next, _taken, _end, _places, _compute) = (first, first, end, places, compute);
        _isReady = new bool[places.Length];
        _failures = new Exception?[places.Length];
        _workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work) { IsBackground = true, Name = "image decoder" })];
        foreach (var worker in _workers)
            worker.Start();
    }

    /// <summary>Waits for the next item. It stays where it lies until <see cref="Release"/>.</summary>
    /// <returns>The item, or null behind the last.</returns>
    public T? Wait()
    {
        if (_taken == _end)
            return null;

        int place = _taken % _places.Length;
        lock (_lock)
        {
            while (!_isReady[place])
                Monitor.Wait(_lock);

            return _failures[place] is { } failure ? throw failure : _places[place];
        }
    }

    /// <summary>Frees the place of the item that <see cref="Wait"/> gave.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _isReady[_taken % _places.Length] = false;
            _taken++;
            Monitor.PulseAll(_lock);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isStopped = true;
            Monitor.PulseAll(_lock);
        }

        foreach (var worker in _workers)
            worker.Join();
    }

    private void Work()
    {
        while (true)
        {
            int item;
            lock (_lock)
            {
                while (!_isStopped && _next < _end && _next >= _taken + _places.Length)
                    Monitor.Wait(_lock);

                if (_isStopped || _next >= _end)
                    return;

                item = _next++;
            }

            int place = item % _places.Length;
            Exception? failure = null;
            try
            {
                _compute(item, _places[place]);
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            lock (_lock)
            {
                (_failures[place], _isReady[place]) = (failure, true);
                Monitor.PulseAll(_lock);
            }
        }
    }
}
