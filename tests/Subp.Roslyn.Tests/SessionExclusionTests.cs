using System.Runtime.CompilerServices;
using Subp.Roslyn.Tests.Models;
using Xunit;

namespace Subp.Roslyn.Tests;

/// <summary>What happens when a session is used, disposed or broken in the middle of a run. The kernel calls back into the test.</summary>
public sealed class SessionExclusionTests
{
    private const string CallbackKernels = "public static System.Action<int>? Callback;\n" + HandWrittenModel.CopyKernels;

    private static readonly CompiledAssembly s_compiled = HandWrittenModel.Compile(
        CallbackKernels.Replace("var work", "if (layer == 0) Callback?.Invoke(thread);\n    var work", StringComparison.Ordinal)
    );

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_session_that_runs_refuses_a_second_run_and_finishes_the_first(int threads)
    {
        using var model = LoadedModel.Load(s_compiled);
        using var session = model.CreateSession(threads);
        Exception? second = null;
        SetCallback(
            model,
            thread =>
            {
                if (thread == 0)
                    second = Record.Exception(() => session.Run(new float[96], new float[HandWrittenModel.OutputLength]));
            }
        );
        SessionTests.AssertCopies(session, seed: 1);
        Assert.IsType<InvalidOperationException>(second);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_session_disposed_during_a_run_finishes_it_and_then_refuses(int threads)
    {
        using var model = LoadedModel.Load(s_compiled);
        var session = model.CreateSession(threads);
        SetCallback(model, _ => session.Dispose());
        SessionTests.AssertCopies(session, seed: 1);
        Assert.Throws<ObjectDisposedException>(() => SessionTests.AssertCopies(session, seed: 2));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void A_failure_on_one_thread_ends_the_run_on_all_and_the_session_stays_usable(int threads, int failing)
    {
        using var model = LoadedModel.Load(s_compiled);
        using var session = model.CreateSession(threads);
        for (var repeat = 0; repeat < 20; repeat++)
        {
            SetCallback(
                model,
                thread =>
                {
                    if (thread == failing)
                        throw new NotFiniteNumberException("broken kernel");
                }
            );
            var error = Assert.Throws<InvalidOperationException>(() => SessionTests.AssertCopies(session, seed: 1));
            Assert.IsType<NotFiniteNumberException>(error.InnerException);
            Assert.Contains("broken kernel", error.Message, StringComparison.Ordinal);

            SetCallback(model, null);
            SessionTests.AssertCopies(session, seed: repeat);
        }
    }

    [Fact]
    public void A_session_that_nobody_disposed_is_collected_although_its_threads_sleep()
    {
        using var model = LoadedModel.Load(s_compiled);
        var forgotten = RunAndForget(model);
        for (var attempt = 0; attempt < 20 && forgotten.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(forgotten.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference RunAndForget(LoadedModel model)
    {
        var session = model.CreateSession(3);
        SessionTests.AssertCopies(session, seed: 1);
        return new WeakReference(session);
    }

    private static void SetCallback(LoadedModel model, Action<int>? callback) =>
        model.ModelType.GetField("Callback")!.SetValue(null, callback);
}
