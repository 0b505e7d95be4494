using WebApi.Inference;
using WebApi.Lifetime;

namespace WebApi.Endpoints;

/// <summary>GET /health/live and /health/ready.</summary>
public static class HealthEndpoints
{
    /// <summary>Live as long as it answers at all; a restart would not help a server that is merely busy.</summary>
    public static IResult Live() => Results.Text("live\n");

    /// <summary>Ready between the first computed answer and the beginning of the drain; otherwise 503.</summary>
    public static IResult Ready(Workers workers, DrainState drain) =>
        drain.Draining ? Results.Text("draining\n", statusCode: StatusCodes.Status503ServiceUnavailable)
        : workers.Ready ? Results.Text("ready\n")
        : Results.Text("starting\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
