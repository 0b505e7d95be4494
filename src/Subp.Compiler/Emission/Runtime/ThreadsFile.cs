using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes the threads of a session and how they share the parts of a run. Only models with more than one thread have it.
/// </summary>
internal static class ThreadsFile
{
    /// <summary>The file <c>{Class}.Threads.cs</c>.</summary>
    public static EmittedFile Write(ModelPlan plan) =>
        ModelFileScope.Write(
            plan,
            ".Threads",
            ["System", "System.Runtime.CompilerServices", "System.Runtime.InteropServices", "System.Threading"],
            _ => { },
            writer =>
            {
                writer.Line(TeamSummary);
                using (writer.Block("private sealed class ThreadTeam"))
                    writer
                        .Line(TeamState.Replace("{Class}", plan.ClassName))
                        .Line()
                        .Line(TeamRun)
                        .Line()
                        .Line(TeamParts)
                        .Line()
                        .Line(TeamWaiting);
                writer.Line().Line(Member);
            }
        );

    private const string TeamSummary = """
        /// <summary>
        /// The threads of one session. The caller of a run is thread 0; the others wait between runs.
        /// <para>
        /// What one thread has to do between two barriers of the schedule is a part. Phase by phase, a thread takes its own part first.
        /// What nobody has begun when it is done with that, because the thread it belongs to sleeps or lost its processor, it computes as
        /// well: exactly as scheduled, so that the bits are the same whoever does it. A run waits for parts, never for threads; only a
        /// thread that loses its processor in the middle of a part is waited for.
        /// </para>
        /// <para>
        /// Phases are numbered through all runs, and all numbers only grow. A thread touches the session only inside of a part that it has
        /// claimed. Since the run cannot end before that part is done, no thread ever sees a session that has gone on without it.
        /// </para>
        /// </summary>
        """;

    private const string TeamState = """
        // How often a thread looks whether the others are done: before it takes their parts, which one that has a processor begins far
        // sooner; then before it gives its own processor away. A look takes about 40 ns. How often it offers its processor, then sleeps.
        private const int Patience = 100;
        private const int Spins = 3000;
        private const int Yields = 20;

        private readonly int _threads;
        private readonly int _patience;
        private readonly int _spins;
        private readonly TeamMember[] _members;
        private readonly Thread[] _workers;

        // All parts that are done. Phase k may begin when there are k times as many as threads.
        private PaddedLong _done;

        // One past the last phase of the latest run.
        private PaddedLong _end;

        // The members that are not present.
        private PaddedLong _absent;

        // The run; written before its phases are announced, read inside of parts only.
        private Session? _session;
        private long _firstPhase;
        private bool _profiled;
        private volatile Exception? _failure;
        private volatile bool _stopping;

        internal ThreadTeam(int threads)
        {
            _threads = threads;
            // Where there are more threads than processors, one that spins keeps those it waits for from running.
            var crowded = threads > Environment.ProcessorCount;
            _patience = crowded ? 0 : Patience;
            _spins = crowded ? Patience : Spins;
            _members = new TeamMember[threads];
            for (var thread = 0; thread < threads; thread++)
                _members[thread] = new TeamMember();
            _workers = new Thread[threads - 1];
            try
            {
                for (var thread = 1; thread < threads; thread++)
                {
                    var number = thread;
                    var worker = new Thread(() => Work(number)) { IsBackground = true, Name = "{Class} thread " + number };
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
        """;

    private const string TeamRun = """
        // Runs the network and returns when all parts are done, whether or not the other threads have come.
        internal void Run(Session session, int phases, bool profiled)
        {
            var phase = _end.Value;
            var end = phase + phases;
            _session = session;
            _firstPhase = phase;
            _profiled = profiled;
            // Publishes the fields above. A full fence: either this thread sees a sleeper, or the sleeper sees the new end.
            Interlocked.Exchange(ref _end.Value, end);
            WakeSleepers();
            while (phase < end)
            {
                ComputePhase(0, phase);
                Await(0, (phase + 1) * _threads, 0);
                phase = Latest(phase + 1);
            }

            _session = null;
            if (_failure is { } failure)
            {
                // All parts are accounted for, so that the session stays usable.
                _failure = null;
                throw new InvalidOperationException("A thread of the session failed: " + failure.Message, failure);
            }
        }

        internal void Stop(bool wait)
        {
            _stopping = true;
            Interlocked.Exchange(ref _end.Value, long.MaxValue);
            WakeSleepers();
            if (!wait)
                return;
            foreach (var worker in _workers)
                worker.Join();
        }

        private void Work(int thread)
        {
            var phase = 0L;
            while (true)
            {
                Await(thread, phase * _threads, phase + 1);
                // Read before the question whether to stop, since the end that stops the threads is not that of a run.
                var end = Volatile.Read(ref _end.Value);
                if (_stopping)
                    return;
                phase = Latest(phase);
                if (phase < end)
                    ComputePhase(thread, phase++);
            }
        }

        // The phase that may begin by now: a late thread does not walk through what others have done for it.
        private long Latest(long phase)
        {
            var done = Volatile.Read(ref _done.Value);
            return done < (phase + 1) * _threads ? phase : done / _threads;
        }
        """;

    private const string TeamParts = """
        // Takes the thread's own part of a phase, then parts that nobody has begun. All parts are begun when it returns.
        private void ComputePhase(int thread, long phase)
        {
            var allDone = (phase + 1) * _threads;
            if (_members[thread].TryClaim(phase))
                ComputePart(thread, phase);
            if (Volatile.Read(ref _done.Value) >= allDone)
                return;
            if (Volatile.Read(ref _absent.Value) != 0)
                Help(thread, phase, absentOnly: true);
            for (var look = 0; look < _patience; look++)
            {
                if (Volatile.Read(ref _done.Value) >= allDone)
                    return;
                Thread.SpinWait(1);
            }

            Help(thread, phase, absentOnly: false);
        }

        private void Help(int thread, long phase, bool absentOnly)
        {
            for (var other = thread + 1; other < thread + _threads; other++)
            {
                var owner = other < _threads ? other : other - _threads;
                var member = _members[owner];
                if ((absentOnly && member.IsPresent) || !member.TryClaim(phase))
                    continue;
                // From now on nobody waits before it takes a part of that thread, until the thread is back.
                if (member.Leave())
                    Interlocked.Increment(ref _absent.Value);
                ComputePart(owner, phase);
            }
        }

        // Computes a claimed part. Not inlined: the loop of a waiting worker must hold no reference to a session.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private void ComputePart(int thread, long phase)
        {
            try
            {
                // After a failure the parts that are left are only counted.
                if (_failure is null)
                    _session!.ComputePart(thread, (int)(phase - _firstPhase), _profiled);
            }
            catch (Exception failure)
            {
                Interlocked.CompareExchange(ref _failure, failure, null);
            }

            // A full fence: what the part wrote is visible to whoever sees the number, and sleepers are seen or see the number. The session
            // may be gone after this line.
            if (Interlocked.Increment(ref _done.Value) == (phase + 1) * _threads)
                WakeSleepers();
        }
        """;

    private const string TeamWaiting = """
        // Waits until so many parts are done and phases up to an end are announced: spins for about a tenth of a millisecond, gives way to
        // others some times, then sleeps.
        private void Await(int thread, long done, long end)
        {
            var member = _members[thread];
            for (var look = 0; look < _spins; look++)
            {
                if (IsReached(done, end))
                {
                    Return(member);
                    return;
                }

                Thread.SpinWait(1);
            }

            if (!IsReached(done, end) && member.Leave())
                Interlocked.Increment(ref _absent.Value);
            for (var turn = 0; turn < Yields && !IsReached(done, end); turn++)
                Thread.Yield();
            while (!IsReached(done, end))
                Sleep(member, done, end);
            Return(member);
        }

        private bool IsReached(long done, long end) =>
            Volatile.Read(ref _done.Value) >= done && Volatile.Read(ref _end.Value) >= end;

        private void Return(TeamMember member)
        {
            if (!member.IsPresent && member.Return())
                Interlocked.Decrement(ref _absent.Value);
        }

        private void Sleep(TeamMember member, long done, long end)
        {
            if (member.PrepareSleep(done, end))
                Interlocked.Increment(ref _absent.Value);
            // After a full fence: whoever reaches the numbers later sees that the member sleeps.
            if (!IsReached(done, end))
                member.Sleep();
        }

        // Wakes those whose numbers are reached. A lock is taken only here and by the sleepers, once for each sleep.
        private void WakeSleepers()
        {
            if (Volatile.Read(ref _absent.Value) == 0)
                return;
            foreach (var member in _members)
            {
                if (member.IsAsleep(out var done, out var end) && IsReached(done, end))
                    member.Wake();
            }
        }
        """;

    private const string Member = """
        /// <summary>
        /// One thread of a team as the others see it: which of its parts are claimed, and whether it is there to claim more.
        /// </summary>
        private sealed class TeamMember
        {
            private const int Present = 0;
            private const int Away = 1;
            private const int Asleep = 2;

            // The phase of the first part that nobody has claimed.
            private PaddedLong _unclaimed;
            private PaddedLong _state;
            private long _awaitedDone;
            private long _awaitedEnd;

            internal bool IsPresent => Volatile.Read(ref _state.Value) == Present;

            // Claims the part of a phase that may begin; whoever gets true computes it.
            internal bool TryClaim(long phase) =>
                Volatile.Read(ref _unclaimed.Value) == phase
                && Interlocked.CompareExchange(ref _unclaimed.Value, phase + 1, phase) == phase;

            // True where the member was present until now.
            internal bool Leave() => Interlocked.CompareExchange(ref _state.Value, Away, Present) == Present;

            // True where the member was not present until now.
            internal bool Return() => Interlocked.Exchange(ref _state.Value, Present) != Present;

            internal bool PrepareSleep(long done, long end)
            {
                Volatile.Write(ref _awaitedDone, done);
                Volatile.Write(ref _awaitedEnd, end);
                return Interlocked.Exchange(ref _state.Value, Asleep) == Present;
            }

            internal bool IsAsleep(out long done, out long end)
            {
                var asleep = Volatile.Read(ref _state.Value) == Asleep;
                done = Volatile.Read(ref _awaitedDone);
                end = Volatile.Read(ref _awaitedEnd);
                return asleep;
            }

            // Returns when another thread has woken the member, or somebody interrupted the thread. A run must not end in its middle, so
            // the interruption is left for what the thread waits for after it.
            internal void Sleep()
            {
                try
                {
                    lock (this)
                    {
                        while (Volatile.Read(ref _state.Value) == Asleep)
                            Monitor.Wait(this);
                    }
                }
                catch (ThreadInterruptedException)
                {
                    Thread.CurrentThread.Interrupt();
                }
            }

            internal void Wake()
            {
                if (Interlocked.CompareExchange(ref _state.Value, Away, Asleep) != Asleep)
                    return;
                var interrupted = false;
                while (!TryPulse())
                    interrupted = true;
                if (interrupted)
                    Thread.CurrentThread.Interrupt();
            }

            private bool TryPulse()
            {
                try
                {
                    lock (this)
                        Monitor.Pulse(this);
                    return true;
                }
                catch (ThreadInterruptedException)
                {
                    return false;
                }
            }
        }

        /// <summary>A number alone on its cache lines: the prefetcher fetches them in pairs.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 256)]
        private struct PaddedLong
        {
            [FieldOffset(128)]
            internal long Value;
        }
        """;
}
