namespace WebApi.Load.Scenarios;

/// <summary>
/// More callers than a tiny queue can hold: the excess is refused at once with 503, what is taken in is answered right, and memory stays
/// bounded.
/// </summary>
public static class Overload
{
    private const int QueueCapacity = 2;
    private const double AllowedGrowthMegabytes = 48;

    /// <summary>Sends many more requests at once than one worker and two places in the queue can take.</summary>
    public static async Task<Report> RunAsync(IReadOnlyList<ExpectedImage> images, int requests, int callers)
    {
        var report = new Report($"overload: {requests} requests, {callers} callers, one worker, a queue of {QueueCapacity}");
        await using var server = await ServerProcess.StartAsync("--Serving:Workers=1", $"--Serving:QueueCapacity={QueueCapacity}");
        using var client = Callers.ClientFor(server, callers);
        var load = new Callers(client, images);
        await load.SendAsync(requests / 4, callers);
        var before = await ServerFigures.ReadAsync(client);

        var result = await load.SendAsync(requests, callers);
        var after = await ServerFigures.ReadAsync(client);
        var (median, slow) = (result.Percentile(0.5), result.Percentile(0.99));
        report.Add($"{SteadyLoad.Counts(result)}; {result.Throughput:F0} answers/s; p50 of 200 {median:F2} ms, p99 {slow:F2} ms");
        report.Add($"before: {SteadyLoad.Memory(before)}");
        report.Add($"after: {SteadyLoad.Memory(after)}");
        report.Require(
            result.Right + result.Busy == requests,
            $"{SteadyLoad.Counts(result)}; expected {requests} answers that are right or 503."
        );
        report.Require(result.Busy > 0, $"Nothing was refused, although {callers} callers met a queue of {QueueCapacity}.");
        report.Require(result.Right > 0, $"Nothing was answered.");
        var growth = after.WorkingSet - before.WorkingSet;
        report.Require(
            growth < AllowedGrowthMegabytes,
            $"The working set of {before.WorkingSet:F1} MB grew by {growth:F1} MB; expected less than {AllowedGrowthMegabytes} MB."
        );
        return report;
    }
}
