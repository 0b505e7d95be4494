using System.Net;
using System.Text.RegularExpressions;

namespace WebApi.Load.Scenarios;

/// <summary>SIGTERM under load: the server turns not ready, answers everything that it took in, and ends with exit code 0.</summary>
public static partial class Drain
{
    /// <summary>Stops a server while its callers go on until nobody listens any more.</summary>
    public static async Task<Report> RunAsync(IReadOnlyList<ExpectedImage> images, int callers, int answersBefore)
    {
        var report = new Report($"drain: SIGTERM after {answersBefore} answers, {callers} callers going on");
        await using var server = await ServerProcess.StartAsync("--Serving:Workers=1", "--Serving:DrainDelay=00:00:02");
        using var client = Callers.ClientFor(server, callers);
        var result = new LoadResult();
        var load = new Callers(client, images).SendUntilRefusedAsync(callers, result);
        while (result.Right < answersBefore && !load.IsCompleted)
            await Task.Delay(5);

        server.RequestStop();
        var turnedNotReady = await TurnsNotReadyAsync(server);
        var exitCode = await server.WaitForExitAsync();
        await load;

        var drained = Drained().Match(server.Log);
        report.Add($"{SteadyLoad.Counts(result)}; exit code {exitCode}; not ready while draining: {(turnedNotReady ? "yes" : "no")}");
        report.Add($"the server says: {drained.Value}");
        report.Require(exitCode == 0, $"The exit code is {exitCode}, expected 0.\n{server.Log}");
        report.Require(turnedNotReady, $"/health/ready never said 503 while the server drained.");
        report.Require(
            result.Wrong + result.Busy + result.Other == 0,
            $"{SteadyLoad.Counts(result)}; expected right answers only, until the port closed."
        );
        report.Require(
            drained.Success && drained.Groups["accepted"].Value == drained.Groups["answered"].Value,
            $"Not every accepted image was answered: '{drained.Value}'.\n{server.Log}"
        );
        report.Require(
            drained.Groups["answered"].Value == result.Right.ToString(System.Globalization.CultureInfo.InvariantCulture),
            $"The server answered {drained.Groups["answered"].Value} images, but {result.Right} answers arrived."
        );
        return report;
    }

    // The probe has connections of its own, as an orchestrator has: those of the callers are all busy. A draining server may close one
    // under it.
    private static async Task<bool> TurnsNotReadyAsync(ServerProcess server)
    {
        using var probe = Callers.ClientFor(server, callers: 1);
        while (!server.HasEnded)
        {
            try
            {
                using var response = await probe.GetAsync("/health/ready");
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                    return true;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(5);
            }
        }

        return false;
    }

    [GeneratedRegex(@"Drained: (?<accepted>\d+) accepted, (?<answered>\d+) answered, .*")]
    private static partial Regex Drained();
}
