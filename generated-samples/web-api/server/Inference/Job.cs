namespace WebApi.Inference;

/// <summary>One image on its way through the queue.</summary>
/// <param name="pixels">784 grey values; nobody writes to them any more.</param>
/// <param name="cancellation">Cancelled when the caller has gone: a worker then skips the job.</param>
public sealed class Job(byte[] pixels, CancellationToken cancellation)
{
    // Continuations run elsewhere: a worker goes on with the next image and does not write the response of the last.
    private readonly TaskCompletionSource<Classification> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the answer, or cancelled.</summary>
    public Task<Classification> Answer => _answer.Task;

    /// <summary>Computes the answer with the buffers of a worker; a job whose caller has gone is only marked as cancelled.</summary>
    /// <returns>False where the caller has gone.</returns>
    public bool Run(Fashion.Session session, float[] input, float[] output)
    {
        if (cancellation.IsCancellationRequested)
        {
            _answer.TrySetCanceled(cancellation);
            return false;
        }

        try
        {
            PixelScale.Apply(pixels, input);
            session.Run(input, output);
            _answer.TrySetResult(Classification.FromLogits(output));
        }
        catch (Exception exception)
        {
            // One image must not end the worker; its caller gets the error.
            _answer.TrySetException(exception);
        }

        return true;
    }

    /// <summary>Ends the job without an answer.</summary>
    public void Abandon() => _answer.TrySetCanceled(CancellationToken.None);
}
