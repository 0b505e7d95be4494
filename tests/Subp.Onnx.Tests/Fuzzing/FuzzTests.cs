using Subp.Fuzzing;
using Xunit;

namespace Subp.Onnx.Tests.Fuzzing;

/// <summary>
/// Two thousand mutated files end in a diagnostic or a correct network, never in another exception or in memory out of proportion. Many
/// more: <c>dotnet run -c Release --project tests/Subp.Fuzzing -- 100000</c>.
/// </summary>
[Trait("speed", "slow")]
public class FuzzTests
{
    private const int Seed = 20231210;
    private const int Mutations = 500;

    public static TheoryData<string> Targets => [.. FuzzRun.Targets.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Five_hundred_mutations_end_in_a_diagnostic_or_a_correct_result(string name)
    {
        var report = new FuzzRun(Seed, threads: 2).Run(FuzzRun.Targets.Single(target => target.Name == name), 0, Mutations);

        Assert.True(report.Failures.Count == 0, string.Join("\n", report.Failures));
        Assert.Equal(Mutations, report.Accepted + report.Refused);
        // Mutations that only change weights, or only break the first byte, would find nothing.
        Assert.InRange(report.Accepted, 5, Mutations - 50);
    }

    [Fact]
    public void Every_sample_is_accepted_as_it_is() =>
        Assert.All(FuzzRun.Targets, target => Assert.All(target.Samples, sample => target.Check(target.Read(sample))));

    [Fact]
    public void The_same_seed_and_trial_give_the_same_bytes() =>
        Assert.All(
            FuzzRun.Targets,
            target =>
                Assert.All(
                    Enumerable.Range(0, 20),
                    trial => Assert.Equal(new FuzzRun(7, 1).Mutation(target, trial), new FuzzRun(7, 2).Mutation(target, trial))
                )
        );

    [Fact]
    public void A_reader_that_throws_or_takes_too_much_memory_or_reads_wrong_is_found()
    {
        var report = new FuzzRun(1, threads: 1).Run(new BrokenTarget(), 0, 100);

        Assert.Contains(report.Failures, failure => failure.Problem.StartsWith("IndexOutOfRangeException", StringComparison.Ordinal));
        Assert.Contains(report.Failures, failure => failure.Problem.StartsWith("InvalidDataException", StringComparison.Ordinal));
        Assert.Contains(report.Failures, failure => failure.Problem.EndsWith("bytes allocated", StringComparison.Ordinal));
    }

    [Fact]
    public void A_reader_that_does_not_answer_is_found_and_its_trial_is_named()
    {
        using var target = new SilentTarget();
        var report = new FuzzRun(1, threads: 1, TimeSpan.FromMilliseconds(1)).Run(target, 40, 1);

        var failure = Assert.Single(report.Failures);
        Assert.Equal(("silent", 40), (failure.Target, failure.Trial));
        Assert.StartsWith("no answer", failure.Problem, StringComparison.Ordinal);
    }

    private sealed class SilentTarget : FuzzTarget, IDisposable
    {
        private readonly ManualResetEventSlim _never = new();

        public override string Name => "silent";

        public override IReadOnlyList<byte[]> Samples { get; } =
        [
            [0],
        ];

        public override byte[] Mutate(byte[] sample, Random random) => sample;

        public override object Read(byte[] bytes)
        {
            _never.Wait();
            return bytes;
        }

        public override void Check(object result) { }

        // Lets the thread of the trial end.
        public void Dispose() => _never.Set();
    }

    private sealed class BrokenTarget : FuzzTarget
    {
        public override string Name => "broken";

        public override IReadOnlyList<byte[]> Samples { get; } =
        [
            [0],
        ];

        public override byte[] Mutate(byte[] sample, Random random) => [(byte)random.Next(3)];

        public override object Read(byte[] bytes) =>
            bytes[0] switch
            {
                0 => new byte[FuzzRun.AlwaysAllowed + 1000],
                1 => bytes[bytes[0] + 1],
                _ => bytes,
            };

        public override void Check(object result)
        {
            if (result is byte[] { Length: 1 })
                throw new InvalidDataException("wrong");
        }
    }
}
