using System.Collections.Concurrent;
using System.Reflection;
using Subp.Roslyn.Tests.Models;
using Xunit;

namespace Subp.Roslyn.Tests;

/// <summary>A thread of a session that sleeps, or gets no processor, stops no run: the others compute its parts.</summary>
public sealed class LateThreadTests
{
    private const string CallbackKernels = "public static System.Action<int>? Callback;\n" + HandWrittenModel.CopyKernels;
    private const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private static readonly CompiledAssembly s_compiled = HandWrittenModel.Compile(
        CallbackKernels.Replace("var work", "Callback?.Invoke(thread);\n    var work", StringComparison.Ordinal)
    );

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_caller_computes_the_parts_of_threads_that_do_not_wake_up(int threads)
    {
        using var model = LoadedModel.Load(s_compiled);
        using var session = model.CreateSession(threads);
        SessionTests.AssertCopies(session, seed: 1);
        var workers = Members(session).Skip(1).ToArray();
        AwaitSleep(workers);
        var executors = new ConcurrentBag<(int Thread, int Executor)>();
        var callback = model.ModelType.GetField("Callback")!;
        callback.SetValue(null, (Action<int>)(thread => executors.Add((thread, Environment.CurrentManagedThreadId))));
        // A sleeping worker needs its lock to wake up, and the caller may take a lock again that it has.
        foreach (var worker in workers)
            Monitor.Enter(worker);
        try
        {
            for (var run = 0; run < 10; run++)
                SessionTests.AssertCopies(session, seed: run);
            var times = new double[2];
            session.RunProfiled(SessionTests.Input(3), new float[HandWrittenModel.OutputLength], times);
            Assert.All(times, time => Assert.True(time > 0));
        }
        finally
        {
            foreach (var worker in workers)
                Monitor.Exit(worker);
        }

        Assert.Equal(11 * 2 * threads, executors.Count);
        Assert.All(executors, part => Assert.Equal(Environment.CurrentManagedThreadId, part.Executor));

        // Late workers find the present run and take part again.
        var returned = new ConcurrentDictionary<int, bool>();
        callback.SetValue(null, (Action<int>)(_ => returned.TryAdd(Environment.CurrentManagedThreadId, true)));
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    SessionTests.AssertCopies(session, seed: 7);
                    return returned.Count == threads;
                },
                s_patience
            ),
            "The workers never came back."
        );
    }

    [Fact]
    public void A_failure_in_a_part_of_a_sleeping_thread_is_reported_once()
    {
        using var model = LoadedModel.Load(s_compiled);
        using var session = model.CreateSession(2);
        SessionTests.AssertCopies(session, seed: 1);
        var worker = Members(session)[1];
        AwaitSleep(worker);
        var callback = model.ModelType.GetField("Callback")!;
        callback.SetValue(
            null,
            (Action<int>)(
                thread =>
                {
                    if (thread == 1)
                        throw new NotFiniteNumberException("broken kernel");
                }
            )
        );
        lock (worker)
        {
            var error = Assert.Throws<InvalidOperationException>(() => SessionTests.AssertCopies(session, seed: 1));
            Assert.IsType<NotFiniteNumberException>(error.InnerException);
            callback.SetValue(null, null);
            SessionTests.AssertCopies(session, seed: 2);
        }

        SessionTests.AssertCopies(session, seed: 3);
    }

    [Fact]
    public void A_caller_that_is_interrupted_ends_its_run_first()
    {
        using var model = LoadedModel.Load(s_compiled);
        using var session = model.CreateSession(2);
        using var release = new ManualResetEventSlim();
        var copied = false;
        Exception? later = null;
        using var begun = new ManualResetEventSlim();
        var caller = new Thread(() =>
        {
            SessionTests.AssertCopies(session, seed: 1);
            copied = true;
            later = Record.Exception(() => Thread.Sleep(s_patience));
        });
        // A part that somebody else than the caller has begun cannot be taken from it, so that the caller must wait for it.
        model
            .ModelType.GetField("Callback")!
            .SetValue(
                null,
                (Action<int>)(
                    thread =>
                    {
                        if (Thread.CurrentThread == caller && thread == 0)
                            begun.Wait();
                        else if (Thread.CurrentThread != caller)
                        {
                            begun.Set();
                            release.Wait();
                        }
                    }
                )
            );
        caller.Start();
        Assert.True(begun.Wait(s_patience));
        AwaitSleep(Members(session)[0]);
        caller.Interrupt();
        Assert.False(caller.Join(TimeSpan.FromMilliseconds(50)));
        Assert.False(copied);
        release.Set();
        Assert.True(caller.Join(s_patience));
        Assert.True(copied);
        Assert.IsType<ThreadInterruptedException>(later);
    }

    [Fact]
    public void A_session_is_disposed_while_its_threads_sleep_or_are_about_to()
    {
        using var model = LoadedModel.Load(s_compiled);
        for (var session = 0; session < 50; session++)
        {
            using var fresh = model.CreateSession(3);
            for (var run = 0; run < session % 4; run++)
                SessionTests.AssertCopies(fresh, seed: run);
        }
    }

    /// <summary>What the threads of a session know of each other; the first is the caller.</summary>
    private static object[] Members(ILoadedSession session)
    {
        var team = Field(Field(session, "_session"), "_team");
        return [.. ((Array)Field(team, "_members")).Cast<object>()];
    }

    private static object Field(object of, string name) =>
        (of.GetType().GetField(name, Private) ?? throw new MissingFieldException(of.GetType().FullName, name)).GetValue(of)!;

    private static void AwaitSleep(params object[] members)
    {
        const long Asleep = 2;
        foreach (var member in members)
        {
            Assert.True(
                SpinWait.SpinUntil(
                    () =>
                    {
                        var state = Field(member, "_state");
                        return (long)state.GetType().GetField("Value", Private)!.GetValue(state)! == Asleep;
                    },
                    s_patience
                ),
                "The thread never fell asleep."
            );
        }
    }
}
