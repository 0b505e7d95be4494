using WebApi.Load;
using WebApi.Load.Scenarios;
using Xunit;

namespace Subp.Samples.WebApi.Tests;

/// <summary>The load program's scenarios, shortened; none judges speed.</summary>
[Trait("speed", "slow")]
public sealed class LoadTests
{
    private static readonly Lazy<IReadOnlyList<ExpectedImage>> s_images = new(() => ExpectedImages.Read(40));

    [Fact]
    public async Task A_load_of_two_rounds_is_answered_right_and_leaves_no_memory_behind() =>
        AssertHolds(await SteadyLoad.RunAsync(s_images.Value, requests: 500, callers: 32, rounds: 2));

    [Fact]
    public async Task More_callers_than_the_queue_holds_get_503_at_once_and_memory_stays_bounded() =>
        AssertHolds(await Overload.RunAsync(s_images.Value, requests: 2000, callers: 128));

    [Fact]
    public async Task A_server_that_is_told_to_stop_under_load_answers_everything_it_took_in_and_exits_with_0()
    {
        // Windows has no SIGTERM to send.
        if (!OperatingSystem.IsWindows())
            AssertHolds(await Drain.RunAsync(s_images.Value, callers: 16, answersBefore: 200));
    }

    private static void AssertHolds(Report report) =>
        Assert.True(report.Failures.Count == 0, string.Join('\n', report.Failures.Concat(report.Lines)));
}
