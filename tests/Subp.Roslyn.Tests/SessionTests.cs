using Subp.Compiler;
using Subp.Roslyn.Tests.Models;
using Xunit;

namespace Subp.Roslyn.Tests;

public sealed class SessionTests
{
    private static readonly LoadedModel s_model = HandWrittenModel.Load();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_run_gives_the_output_on_every_thread_count_and_instruction_set(int threads)
    {
        foreach (var instructionSet in s_model.InstructionSets.Where(s_model.IsSupported))
        {
            using var session = s_model.CreateSession(threads, instructionSet);
            for (var run = 0; run < 20; run++)
                AssertCopies(session, seed: run);
            Assert.Equal(threads, session.Threads);
            Assert.Equal(instructionSet, session.InstructionSet);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_run_allocates_nothing(int threads)
    {
        using var session = s_model.CreateSession(threads);
        float[] input = Input(1),
            output = new float[HandWrittenModel.OutputLength];
        var times = new double[2];
        for (var run = 0; run < 100; run++)
            session.Run(input, output);
        session.RunProfiled(input, output, times);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < 100; run++)
            session.Run(input, output);
        session.RunProfiled(input, output, times);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Sessions_on_two_threads_do_not_disturb_each_other()
    {
        Parallel.For(
            0,
            2,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            caller =>
            {
                using var session = s_model.CreateSession(2);
                for (var run = 0; run < 200; run++)
                    AssertCopies(session, seed: (1000 * caller) + run);
            }
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Many_short_runs_end(int threads)
    {
        using var session = s_model.CreateSession(threads);
        float[] input = Input(1),
            output = new float[HandWrittenModel.OutputLength];
        for (var run = 0; run < 5_000; run++)
            session.Run(input, output);
        AssertCopies(session, seed: 2);
    }

    [Fact]
    public void A_run_after_the_threads_went_to_sleep_wakes_them()
    {
        using var session = s_model.CreateSession(3);
        for (var run = 0; run < 20; run++)
        {
            AssertCopies(session, seed: run);
            // Longer than any thread spins; whether they sleep or not, the next run must find them.
            using var pause = new ManualResetEventSlim();
            pause.Wait(TimeSpan.FromMilliseconds(5));
        }
    }

    [Fact]
    public void A_profiled_run_gives_the_output_and_a_time_per_layer()
    {
        using var session = s_model.CreateSession(2);
        float[] input = Input(3),
            output = new float[HandWrittenModel.OutputLength];
        double[] times = [-1, -1];
        session.RunProfiled(input, output, times);
        Assert.Equal(input, output[..HandWrittenModel.InputLength]);
        Assert.All(times, time => Assert.True(time > 0));
        Assert.Equal(["copy", "show"], session.LayerNames);
    }

    [Fact]
    public void Wrong_lengths_are_answered_with_found_and_expected()
    {
        using var session = s_model.CreateSession(1);
        var output = new float[HandWrittenModel.OutputLength];
        var shortInput = Assert.Throws<ArgumentException>(() => session.Run(new float[95], output));
        Assert.Contains("95 floats, expected 96, the shape [1,96]", shortInput.Message, StringComparison.Ordinal);
        var longOutput = Assert.Throws<ArgumentException>(() => session.Run(new float[96], new float[output.Length + 1]));
        Assert.Contains("4193 floats, expected 4192", longOutput.Message, StringComparison.Ordinal);
        var overlap = Assert.Throws<ArgumentException>(() => session.Run(output.AsSpan(0, 96), output));
        Assert.Contains("overlaps", overlap.Message, StringComparison.Ordinal);
        var times = Assert.Throws<ArgumentException>(() => session.RunProfiled(new float[96], output, new double[3]));
        Assert.Contains("3 layers, expected 2", times.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_disposed_session_refuses_to_run_and_may_be_disposed_again(int threads)
    {
        var session = s_model.CreateSession(threads);
        AssertCopies(session, seed: 1);
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run(new float[96], new float[HandWrittenModel.OutputLength]));
    }

    [Fact]
    public void A_thread_count_without_schedule_is_answered_with_those_that_have_one()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => s_model.CreateSession(7));
        Assert.Contains("Compiled thread counts: 1, 2, 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_thread_count_is_the_largest_that_the_process_may_use()
    {
        using var session = s_model.CreateSession();
        Assert.Equal(Math.Min(3, Environment.ProcessorCount), session.Threads);
        Assert.Equal(s_model.BestInstructionSet, session.InstructionSet);
    }

    [Fact]
    public void An_instruction_set_that_was_not_compiled_is_refused()
    {
        var plan = HandWrittenModel.Plan(1);
        plan = plan with { Options = plan.Options with { InstructionSets = [InstructionSet.Portable] } };
        using var model = LoadedModel.Load(
            ModelAssemblyCompiler.Compile(
                HandWrittenModel.Sources(plan),
                HandWrittenModel.Weights,
                "PortableOnly",
                HandWrittenModel.ResourceName
            )
        );
        Assert.Equal([InstructionSet.Portable], model.InstructionSets);
        Assert.Throws<PlatformNotSupportedException>(() => model.CreateSession(1, InstructionSet.Avx512));
        using var session = model.CreateSession();
        AssertCopies(session, seed: 5);
    }

    internal static float[] Input(int seed) =>
        [.. Enumerable.Range(0, HandWrittenModel.InputLength).Select(index => (float)(index + seed))];

    internal static void AssertCopies(ILoadedSession session, int seed)
    {
        float[] input = Input(seed),
            output = new float[HandWrittenModel.OutputLength];
        session.Run(input, output);
        Assert.Equal(input, output[..HandWrittenModel.InputLength]);
    }
}
