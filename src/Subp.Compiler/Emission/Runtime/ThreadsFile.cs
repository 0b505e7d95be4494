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
        private readonly Threading::Thread[] _workers;

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
        private volatile System::Exception? _failure;
        private volatile bool _stopping;

        internal ThreadTeam(int threads)
        {
            _threads = threads;
            // Where there are more threads than processors, one that spins keeps those it waits for from running.
            bool crowded = threads > System::Environment.ProcessorCount;
            _patience = crowded ? 0 : Patience;
            _spins = crowded ? Patience : Spins;
            _members = new TeamMember[threads];
            for (int thread = 0; thread < threads; thread++)
                _members[thread] = new TeamMember();
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
        """;

    private const string TeamRun = """
        // Runs the network and returns when all parts are done, whether or not the other threads have come.
        internal void Run(Session session, int phases, bool profiled)
        {
            long phase = _end.Value;
            long end = phase + phases;
            _session = session;
            _firstPhase = phase;
            _profiled = profiled;
            // Publishes the fields above. A full fence: either this thread sees a sleeper, or the sleeper sees the new end.
            Threading::Interlocked.Exchange(ref _end.Value, end);
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
                throw new System::InvalidOperationException("A thread of the session failed: " + failure.Message, failure);
            }
        }

        internal void Stop(bool wait)
        {
            _stopping = true;
            Threading::Interlocked.Exchange(ref _end.Value, long.MaxValue);
            WakeSleepers();
            if (!wait)
                return;
            foreach (Threading::Thread worker in _workers)
                worker.Join();
        }

        private void Work(int thread)
        {
            long phase = 0;
            while (true)
            {
                Await(thread, phase * _threads, phase + 1);
                // Read before the question whether to stop, since the end that stops the threads is not that of a run.
                long end = Threading::Volatile.Read(ref _end.Value);
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
            long done = Threading::Volatile.Read(ref _done.Value);
            return done < (phase + 1) * _threads ? phase : done / _threads;
        }
        """;

    private const string TeamParts = """
        // Takes the thread's own part of a phase, then parts that nobody has begun. All parts are begun when it returns.
        private void ComputePhase(int thread, long phase)
        {
            long allDone = (phase + 1) * _threads;
            if (_members[thread].TryClaim(phase))
                ComputePart(thread, phase);
            if (Threading::Volatile.Read(ref _done.Value) >= allDone)
                return;
            if (Threading::Volatile.Read(ref _absent.Value) != 0)
                Help(thread, phase, absentOnly: true);
            for (int look = 0; look < _patience; look++)
            {
                if (Threading::Volatile.Read(ref _done.Value) >= allDone)
                    return;
                Threading::Thread.SpinWait(1);
            }

            Help(thread, phase, absentOnly: false);
        }

        private void Help(int thread, long phase, bool absentOnly)
        {
            for (int other = thread + 1; other < thread + _threads; other++)
            {
                int owner = other < _threads ? other : other - _threads;
                TeamMember member = _members[owner];
                if ((absentOnly && member.IsPresent) || !member.TryClaim(phase))
                    continue;
                // From now on nobody waits before it takes a part of that thread, until the thread is back.
                if (member.Leave())
                    Threading::Interlocked.Increment(ref _absent.Value);
                ComputePart(owner, phase);
            }
        }

        // Computes a claimed part. Not inlined: the loop of a waiting worker must hold no reference to a session.
        [Runtime::MethodImpl(Runtime::MethodImplOptions.NoInlining)]
        private void ComputePart(int thread, long phase)
        {
            try
            {
                // After a failure the parts that are left are only counted.
                if (_failure is null)
                    _session!.ComputePart(thread, (int)(phase - _firstPhase), _profiled);
            }
            catch (System::Exception failure)
            {
                Threading::Interlocked.CompareExchange(ref _failure, failure, null);
            }

            // A full fence: what the part wrote is visible to whoever sees the number, and sleepers are seen or see the number. The session
            // may be gone after this line.
            if (Threading::Interlocked.Increment(ref _done.Value) == (phase + 1) * _threads)
                WakeSleepers();
        }
        """;

    private const string TeamWaiting = """
        // Waits until so many parts are done and phases up to an end are announced: spins for about a tenth of a millisecond, gives way to
        // others some times, then sleeps.
        private void Await(int thread, long done, long end)
        {
            TeamMember member = _members[thread];
            for (int look = 0; look < _spins; look++)
            {
                if (IsReached(done, end))
                {
                    Return(member);
                    return;
                }

                Threading::Thread.SpinWait(1);
            }

            if (!IsReached(done, end) && member.Leave())
                Threading::Interlocked.Increment(ref _absent.Value);
            for (int turn = 0; turn < Yields && !IsReached(done, end); turn++)
                Threading::Thread.Yield();
            while (!IsReached(done, end))
                Sleep(member, done, end);
            Return(member);
        }

        private bool IsReached(long done, long end) =>
            Threading::Volatile.Read(ref _done.Value) >= done && Threading::Volatile.Read(ref _end.Value) >= end;

        private void Return(TeamMember member)
        {
            if (!member.IsPresent && member.Return())
                Threading::Interlocked.Decrement(ref _absent.Value);
        }

        private void Sleep(TeamMember member, long done, long end)
        {
            if (member.PrepareSleep(done, end))
                Threading::Interlocked.Increment(ref _absent.Value);
            // After a full fence: whoever reaches the numbers later sees that the member sleeps.
            if (!IsReached(done, end))
                member.Sleep();
        }

        // Wakes those whose numbers are reached. A lock is taken only here and by the sleepers, once for each sleep.
        private void WakeSleepers()
        {
            if (Threading::Volatile.Read(ref _absent.Value) == 0)
                return;
            foreach (TeamMember member in _members)
            {
                if (member.IsAsleep(out long done, out long end) && IsReached(done, end))
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

            internal bool IsPresent => Threading::Volatile.Read(ref _state.Value) == Present;

            // Claims the part of a phase that may begin; whoever gets true computes it.
            internal bool TryClaim(long phase) =>
                Threading::Volatile.Read(ref _unclaimed.Value) == phase
                && Threading::Interlocked.CompareExchange(ref _unclaimed.Value, phase + 1, phase) == phase;

            // True where the member was present until now.
            internal bool Leave() => Threading::Interlocked.CompareExchange(ref _state.Value, Away, Present) == Present;

            // True where the member was not present until now.
            internal bool Return() => Threading::Interlocked.Exchange(ref _state.Value, Present) != Present;

            internal bool PrepareSleep(long done, long end)
            {
                Threading::Volatile.Write(ref _awaitedDone, done);
                Threading::Volatile.Write(ref _awaitedEnd, end);
                return Threading::Interlocked.Exchange(ref _state.Value, Asleep) == Present;
            }

            internal bool IsAsleep(out long done, out long end)
            {
                bool asleep = Threading::Volatile.Read(ref _state.Value) == Asleep;
                done = Threading::Volatile.Read(ref _awaitedDone);
                end = Threading::Volatile.Read(ref _awaitedEnd);
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
                        while (Threading::Volatile.Read(ref _state.Value) == Asleep)
                            Threading::Monitor.Wait(this);
                    }
                }
                catch (Threading::ThreadInterruptedException)
                {
                    Threading::Thread.CurrentThread.Interrupt();
                }
            }

            internal void Wake()
            {
                if (Threading::Interlocked.CompareExchange(ref _state.Value, Away, Asleep) != Asleep)
                    return;
                bool interrupted = false;
                while (!TryPulse())
                    interrupted = true;
                if (interrupted)
                    Threading::Thread.CurrentThread.Interrupt();
            }

            private bool TryPulse()
            {
                try
                {
                    lock (this)
                        Threading::Monitor.Pulse(this);
                    return true;
                }
                catch (Threading::ThreadInterruptedException)
                {
                    return false;
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
        """;
}
