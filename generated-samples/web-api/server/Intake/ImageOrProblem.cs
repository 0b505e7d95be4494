namespace WebApi.Intake;

/// <summary>An image, or the answer that its request gets instead.</summary>
/// <param name="Pixels">784 grey values; null where the request was refused.</param>
/// <param name="Status">The status code of the refusal.</param>
/// <param name="Detail">What was found and what was expected.</param>
public readonly record struct ImageOrProblem(byte[]? Pixels, int Status = StatusCodes.Status200OK, string? Detail = null)
{
    /// <summary>A refusal.</summary>
    public static ImageOrProblem Refuse(int status, string detail) => new(null, status, detail);
}
