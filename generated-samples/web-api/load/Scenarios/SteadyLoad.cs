namespace WebApi.Load.Scenarios;

/// <summary>Rounds of a load that the server can carry: every answer right, nothing refused, no memory kept.</summary>
public static class SteadyLoad
{
    private const double AllowedGrowthMegabytes = 24;
    private const double AllowedLiveGrowthMegabytes = 4;

    /// <summary>Runs one round to warm up and then the measured ones.</summary>
    public static async Task<Report> RunAsync(IReadOnlyList<ExpectedImage> images, int requests, int callers, int rounds)
    {
        var report = new Report($"steady load: {rounds} rounds of {requests} requests, {callers} callers");
        await using var server = await ServerProcess.StartAsync();
        using var client = Callers.ClientFor(server, callers);
        var load = new Callers(client, images);
        report.Add($"at start: {Memory(await ServerFigures.ReadAsync(client))}");
        await load.SendAsync(requests, callers);
        var warm = await ServerFigures.ReadAsync(client);
        report.Add($"after a round to warm up: {Memory(warm)}");

        for (var round = 1; round <= rounds; round++)
        {
            var result = await load.SendAsync(requests, callers);
            var (p50, p95, p99) = (result.Percentile(0.5), result.Percentile(0.95), result.Percentile(0.99));
            report.Add($"round {round}: {result.Throughput:F0} requests/s; p50 {p50:F2} ms, p95 {p95:F2} ms, p99 {p99:F2} ms");
            report.Add($"  {Counts(result)}; {Memory(await ServerFigures.ReadAsync(client))}");
            report.Require(result.Right == requests, $"round {round}: {Counts(result)}; expected {requests} right answers.");
        }

        var end = await ServerFigures.ReadAsync(client);
        var growth = end.WorkingSet - warm.WorkingSet;
        report.Require(
            growth < AllowedGrowthMegabytes,
            $"The working set of {warm.WorkingSet:F1} MB grew by {growth:F1} MB; expected less than {AllowedGrowthMegabytes} MB."
        );
        var liveGrowth = end.LiveHeap - warm.LiveHeap;
        report.Require(
            warm.LiveHeap == 0 || liveGrowth < AllowedLiveGrowthMegabytes,
            $"The live heap of {warm.LiveHeap:F2} MB grew by {liveGrowth:F2} MB; expected less than {AllowedLiveGrowthMegabytes} MB."
        );
        var counted = end["webapi_requests_total{code=\"200\"}"];
        report.Require(
            counted == (long)requests * (rounds + 1),
            $"The server counted {counted} answers 200, expected {(long)requests * (rounds + 1)}."
        );
        report.Require(end["webapi_requests_in_flight"] == 0 && end["webapi_queue_depth"] == 0, $"Requests were left under way or queued.");
        return report;
    }

    internal static FormattableString Memory(ServerFigures figures)
    {
        var collections = figures["dotnet_gc_collections_total{generation=\"0\"}"];
        var (resident, heap, live) = (figures.WorkingSet, figures.Heap, figures.LiveHeap);
        return $"working set {resident:F1} MB, heap {heap:F1} MB, live after a collection {live:F2} MB, {collections:F0} collections";
    }

    internal static FormattableString Counts(LoadResult result) =>
        $"{result.Right} right, {result.Wrong} wrong, {result.Busy} x 503, {result.Other} other, {result.Unanswered} unanswered";
}
