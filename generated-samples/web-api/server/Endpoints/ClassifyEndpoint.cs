using System.Globalization;
using WebApi.Inference;
using WebApi.Intake;
using WebApi.Options;

namespace WebApi.Endpoints;

/// <summary>POST /classify: an image in, its class out; 503 with Retry-After where the queue is full.</summary>
public static class ClassifyEndpoint
{
    /// <summary>The path.</summary>
    public const string Path = "/classify";

    // Not in the list of standard codes; what proxies log for a caller that has gone. Nobody receives it.
    private const int ClientClosedRequest = 499;

    /// <summary>Reads, queues, waits, answers.</summary>
    public static async Task<IResult> HandleAsync(HttpContext context, JobQueue queue, ServingOptions options)
    {
        try
        {
            var image = await ImageReader.ReadAsync(context.Request, context.RequestAborted);
            if (image.Pixels is null)
                return Results.Problem(image.Detail, statusCode: image.Status);

            var job = new Job(image.Pixels, context.RequestAborted);
            if (!queue.TryAdd(job))
                return Busy(context, options.RetryAfter, "All workers are busy and the queue is full.");
            return Results.Json(await job.Answer.WaitAsync(context.RequestAborted), JsonShapes.Default.Classification);
        }
        catch (BadHttpRequestException exception)
        {
            return Results.Problem(exception.Message, statusCode: exception.StatusCode);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(ClientClosedRequest);
        }
        catch (OperationCanceledException)
        {
            return Busy(context, options.RetryAfter, "The server stopped before the image was computed.");
        }
    }

    private static IResult Busy(HttpContext context, TimeSpan retryAfter, string detail)
    {
        context.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Results.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
