namespace WebApi.Load.Scenarios;

/// <summary>More callers than a tiny queue can hold: the excess is refused at once with 503, what is taken in is answered right, memory stays bounded.</summary>
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
        report.Add(
            $"{SteadyLoad.Counts(result)}; {result.Throughput:F0} answers/s; p50 of 200 {result.Percentile(0.5):F2} ms, p99 {result.Percentile(0.99):F2} ms"
        );
        report.Add($"before: {SteadyLoad.Memory(before)}");
        report.Add($"after: {SteadyLoad.Memory(after)}");
        report.Require(
            result.Right + result.Busy == requests,
            $"{SteadyLoad.Counts(result)}; expected {requests} answers that are right or 503."
        );
        report.Require(result.Busy > 0, $"Nothing was refused, although {callers} callers met a queue of {QueueCapacity}.");
        report.Require(result.Right > 0, $"Nothing was answered.");
        report.Require(
            after.WorkingSet - before.WorkingSet < AllowedGrowthMegabytes,
            $"The working set grew from {before.WorkingSet:F1} MB to {after.WorkingSet:F1} MB; expected less than {AllowedGrowthMegabytes} MB more."
        );
        return report;
    }
}
