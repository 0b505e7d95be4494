using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace WebApi.Load;

/// <summary>
/// Concurrent callers: each sends its next image when it has the answer to the last. Every fourth request is JSON, the others are raw
/// bytes.
/// </summary>
/// <param name="client">The client, with a connection for each caller.</param>
/// <param name="images">What to send and what to expect.</param>
public sealed class Callers(HttpClient client, IReadOnlyList<ExpectedImage> images)
{
    private static readonly MediaTypeHeaderValue s_raw = new("application/octet-stream");
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    /// <summary>A client of a server for a number of callers.</summary>
    public static HttpClient ClientFor(ServerProcess server, int callers) =>
        new(
            new SocketsHttpHandler
            {
                // One more for /metrics and /health beside the load.
                MaxConnectionsPerServer = callers + 1,
                UseProxy = false,
            }
        )
        {
            BaseAddress = server.Address,
        };

    /// <summary>Sends a number of requests.</summary>
    public Task<LoadResult> SendAsync(int requests, int callers) => RunAsync(callers, index => index < requests, new LoadResult());

    /// <summary>Sends requests until one finds no server any more.</summary>
    /// <param name="callers">The number of callers.</param>
    /// <param name="result">Counts while the callers run.</param>
    public Task<LoadResult> SendUntilRefusedAsync(int callers, LoadResult result) => RunAsync(callers, _ => result.Unanswered == 0, result);

    private async Task<LoadResult> RunAsync(int callers, Func<int, bool> goOn, LoadResult result)
    {
        var next = -1;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            Enumerable
                .Range(0, callers)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        while (Interlocked.Increment(ref next) is var index && goOn(index))
                            await SendOneAsync(index, result);
                    })
                )
        );
        result.Duration = Stopwatch.GetElapsedTime(start);
        return result;
    }

    private async Task SendOneAsync(int index, LoadResult result)
    {
        var image = images[index % images.Count];
        var json = index % 4 == 3;
        using var content = new ByteArrayContent(json ? image.Json : image.Raw) { Headers = { ContentType = json ? s_json : s_raw } };
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var response = await client.PostAsync("/classify", content);
            var body = await response.Content.ReadAsByteArrayAsync();
            var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (response.StatusCode == HttpStatusCode.OK)
                result.AddClassified(ClassOf(body) == image.Class, milliseconds);
            else if (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter?.Delta > TimeSpan.Zero)
                result.AddBusy();
            else
                result.AddOther();
        }
        catch (HttpRequestException)
        {
            result.AddUnanswered();
        }
    }

    private static string? ClassOf(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("class").GetString();
    }
}
