using WebApi.Inference;
using WebApi.Lifetime;
using WebApi.Metrics;

namespace WebApi.Endpoints;

/// <summary>GET /metrics in the text format of Prometheus, version 0.0.4.</summary>
public static class MetricsEndpoint
{
    /// <summary>Writes all figures.</summary>
    public static IResult Write(RequestMetrics requests, JobQueue queue, Workers workers, DrainState drain)
    {
        var text = new PrometheusText();
        requests.WriteTo(text);
        text.Gauge("webapi_queue_depth", "Images that wait for a worker.", queue.Depth);
        text.Gauge("webapi_workers_busy", "Workers that compute at this moment.", workers.Busy);
        text.Counter("webapi_accepted_total", "Images that the queue took in.", queue.Accepted);
        text.Gauge(
            "webapi_ready",
            "1 while the server takes requests, 0 while it starts or drains.",
            workers.Ready && !drain.Draining ? 1 : 0
        );
        ProcessMetrics.WriteTo(text);
        return Results.Text(text.ToString(), "text/plain; version=0.0.4; charset=utf-8");
    }
}
