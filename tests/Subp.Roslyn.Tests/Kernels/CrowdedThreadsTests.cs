using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Sessions of more threads than there are processors, beside threads that keep all of these busy: threads lose their processor anywhere,
/// between parts and within them, and others compute what they have not begun.
/// </summary>
public sealed class CrowdedThreadsTests
{
    private static readonly int[] s_counts = [1, 2, 3, 4, 7];
    private const int Runs = 60;

    public static TheoryData<string> Names => [.. Cases().Select(drawn => drawn.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Sessions_beside_busy_threads_give_the_bits_of_one_thread(string name)
    {
        var drawn = Cases().Single(candidate => candidate.Name == name);
        using var model = LoadedModel.Load(KernelFixture.Compile(drawn with { ThreadCounts = s_counts }).Assembly);
        float[][] inputs = [.. Enumerable.Range(1, 3).Select(seed => Input(model.InputLength, seed))];
        var expected = inputs.Select(input => Alone(model, input)).ToArray();
        Assert.False(KernelRunner.SameBits(expected[0], expected[1]));
        using var burners = new Burners(Environment.ProcessorCount + 1);
        Parallel.ForEach(
            s_counts,
            new ParallelOptions { MaxDegreeOfParallelism = s_counts.Length },
            threads =>
            {
                using var session = model.CreateSession(threads);
                var output = new float[model.OutputLength];
                var times = new double[session.LayerNames.Count];
                for (var run = 0; run < Runs; run++)
                {
                    Array.Fill(output, float.NaN);
                    var input = run % inputs.Length;
                    if (run % 10 == 9)
                        session.RunProfiled(inputs[input], output, times);
                    else
                        session.Run(inputs[input], output);
                    Assert.True(KernelRunner.SameBits(expected[input], output), $"{name}, {threads} threads: other bits in run {run}.");
                    // Now and then long enough for the threads to fall asleep.
                    if (run % 16 == 15)
                        Thread.Sleep(2);
                }

                Assert.All(times, time => Assert.True(time >= 0));
            }
        );
    }

    // Kernels do the same sums in the same order wherever a layer is cut, which a case of another kind would not.
    private static IEnumerable<KernelCase> Cases() =>
        BranchCases
            .All()
            .Concat(WinogradCases.All())
            .Concat(StripeCases.All())
            .Where(drawn => drawn.Name is "inception" or "gates" or "over-the-residual" or "winograd-blocks" or "stripes-images")
            .Concat(Enumerable.Range(4, 3).Select(RandomCases.Case));

    private static float[] Alone(LoadedModel model, float[] input)
    {
        using var session = model.CreateSession(1);
        var output = new float[model.OutputLength];
        session.Run(input, output);
        return output;
    }

    private static float[] Input(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    /// <summary>Threads that compute until they are disposed.</summary>
    private sealed class Burners : IDisposable
    {
        private readonly Thread[] _threads;
        private volatile bool _stopping;

        public Burners(int count)
        {
            _threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(Burn) { IsBackground = true })];
            foreach (var thread in _threads)
                thread.Start();
        }

        public void Dispose()
        {
            _stopping = true;
            foreach (var thread in _threads)
                thread.Join();
        }

        private void Burn()
        {
            while (!_stopping)
                Thread.SpinWait(100);
        }
    }
}
