namespace WebApi.Lifetime;

/// <summary>
/// While the server drains, each response closes its connection. Callers reconnect, elsewhere or here, and none is left with a kept-alive
/// connection on which a request and the end of the server could cross.
/// </summary>
public sealed class CloseWhileDraining(RequestDelegate next, DrainState drain)
{
    /// <summary>Marks the response and runs the rest of the pipeline.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(
            static state =>
            {
                var (response, drain) = ((HttpResponse, DrainState))state;
                if (drain.Draining)
                    response.Headers.Connection = "close";
                return Task.CompletedTask;
            },
            (context.Response, drain)
        );
        return next(context);
    }
}
