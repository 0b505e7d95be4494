using System.Diagnostics;

namespace WebApi.Metrics;

/// <summary>Wraps /classify, so that answers that never reach the endpoint are counted too.</summary>
public sealed class RequestMetricsMiddleware(RequestDelegate next, RequestMetrics metrics)
{
    /// <summary>Runs the rest of the pipeline and counts it.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        var status = StatusCodes.Status500InternalServerError;
        metrics.Begin();
        try
        {
            await next(context);
            status = context.Response.StatusCode;
        }
        finally
        {
            metrics.End(status, Stopwatch.GetElapsedTime(start));
        }
    }
}
