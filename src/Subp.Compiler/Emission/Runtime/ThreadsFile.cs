using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes the worker threads of a session and the gates at which threads wait for each other. Only models with more than one thread have
/// it.
/// </summary>
internal static class ThreadsFile
{
    /// <summary>The file <c>{Class}.Threads.cs</c>.</summary>
    public static EmittedFile Write(ModelPlan plan) =>
        ModelFileScope.Write(plan, ".Threads", _ => { }, writer => writer.Line(Team.Replace("{Class}", plan.ClassName)).Line().Line(Gate));

    private const string Team = """
        /// <summary>
        /// The threads of one session. The caller of a run is thread 0; the others sleep between runs. All methods but the workers' own
        /// loop are called by the one thread that the session let in.
        /// </summary>
        private sealed class ThreadTeam
        {
            private readonly int _threads;
            private readonly Threading::Thread[] _workers;
            private readonly Gate _started;
            private readonly Gate _arrivedAll;
            private readonly Gate _finished;
            private PaddedInteger _arrived;
            private long _runs;
            private Session? _session;
            private bool _profiled;
            private volatile bool _stopping;
            private volatile System::Exception? _failure;

            internal ThreadTeam(int threads)
            {
                _threads = threads;
                // A thread that spins while there are more threads than processors keeps the one it waits for from running.
                bool crowded = threads > System::Environment.ProcessorCount;
                _started = new Gate(spins: crowded ? 0 : 2000);
                _arrivedAll = new Gate(spins: crowded ? 0 : 4000);
                _finished = new Gate(spins: crowded ? 0 : 4000);
                _workers = new Threading::Thread[threads - 1];
                try
                {
                    for (int thread = 1; thread < threads; thread++)
                    {
                        int number = thread;
                        Threading::Thread worker = new(() => Work(number)) { IsBackground = true, Name = "{Class} thread " + number };
                        worker.Start();
                        _workers[thread - 1] = worker;
                    }
                }
                catch
                {
                    Stop(wait: false);
                    throw;
                }
            }

            // Runs the network on all threads and returns when the last has finished.
            internal void Run(Session session, bool profiled)
            {
                _session = session;
                _profiled = profiled;
                _runs++;
                _started.Advance();
                RunShare(0);
                _finished.Await(_runs * (_threads - 1));
                _session = null;
                if (_failure is { } failure)
                {
                    // All threads have left the run, so that the meeting point can be set up anew and the session stays usable.
                    _arrived.Value = 0;
                    _arrivedAll.Mend();
                    _failure = null;
                    throw new System::InvalidOperationException("A thread of the session failed: " + failure.Message, failure);
                }
            }

            // Returns when all threads have called it.
            internal void Meet()
            {
                long meetings = _arrivedAll.Value;
                if (Threading::Interlocked.Increment(ref _arrived.Value) == _threads)
                {
                    // Nobody can arrive at the next meeting before the gate opens, so that the count may be reset without a race.
                    _arrived.Value = 0;
                    _arrivedAll.Advance();
                }
                else
                {
                    _arrivedAll.Await(meetings + 1);
                }

                if (_arrivedAll.IsBroken)
                    throw new System::OperationCanceledException("Another thread of the session failed.");
            }

            internal void Stop(bool wait)
            {
                _stopping = true;
                _started.Advance();
                if (!wait)
                    return;
                foreach (Threading::Thread worker in _workers)
                    worker.Join();
            }

            private void Work(int thread)
            {
                for (long run = 1; ; run++)
                {
                    _started.Await(run);
                    if (_stopping)
                        return;
                    RunShare(thread);
                    _finished.Advance();
                }
            }

            // Not inlined: the loop of a sleeping worker must hold no reference to a session.
            [Runtime::MethodImpl(Runtime::MethodImplOptions.NoInlining)]
            private void RunShare(int thread)
            {
                try
                {
                    _session!.RunLayers(thread, _profiled);
                }
                catch (System::Exception failure)
                {
                    // The first failure is the cause; the others follow from the broken gate, which no thread waits at for ever.
                    Threading::Interlocked.CompareExchange(ref _failure, failure, null);
                    _arrivedAll.Break();
                }
            }
        }
        """;

    private const string Gate = """
        /// <summary>
        /// A number that only grows, and threads that wait until it has reached a value: they spin for a few microseconds, then give way to
        /// other threads some times, then sleep. Nothing is allocated, and no lock is taken unless somebody sleeps.
        /// </summary>
        private sealed class Gate
        {
            private const int Yields = 20;
            private readonly int _spins;
            private PaddedLong _value;
            private int _sleepers;
            private volatile bool _broken;

            internal Gate(int spins) => _spins = spins;

            internal long Value => Threading::Volatile.Read(ref _value.Value);

            internal bool IsBroken => _broken;

            internal void Advance()
            {
                // A full fence: either this thread sees the sleeper, or the sleeper sees the new value.
                Threading::Interlocked.Increment(ref _value.Value);
                Wake();
            }

            // Lets everybody through until the gate is mended.
            internal void Break()
            {
                _broken = true;
                Threading::Interlocked.MemoryBarrier();
                Wake();
            }

            internal void Mend() => _broken = false;

            internal void Await(long value)
            {
                for (int spin = 0; spin < _spins; spin++)
                {
                    if (IsOpen(value))
                        return;
                    Threading::Thread.SpinWait(1);
                }

                for (int turn = 0; turn < Yields; turn++)
                {
                    if (IsOpen(value))
                        return;
                    Threading::Thread.Yield();
                }

                Sleep(value);
            }

            private bool IsOpen(long value) => Threading::Volatile.Read(ref _value.Value) >= value || _broken;

            private void Wake()
            {
                if (Threading::Volatile.Read(ref _sleepers) == 0)
                    return;
                lock (this)
                    Threading::Monitor.PulseAll(this);
            }

            private void Sleep(long value)
            {
                lock (this)
                {
                    Threading::Interlocked.Increment(ref _sleepers);
                    while (!IsOpen(value))
                        Threading::Monitor.Wait(this);
                    Threading::Interlocked.Decrement(ref _sleepers);
                }
            }
        }

        /// <summary>A number alone on its cache lines: the prefetcher fetches them in pairs.</summary>
        [Interop::StructLayout(Interop::LayoutKind.Explicit, Size = 256)]
        private struct PaddedLong
        {
            [Interop::FieldOffset(128)]
            internal long Value;
        }

        /// <summary>A number alone on its cache lines.</summary>
        [Interop::StructLayout(Interop::LayoutKind.Explicit, Size = 256)]
        private struct PaddedInteger
        {
            [Interop::FieldOffset(128)]
            internal int Value;
        }
        """;
}
