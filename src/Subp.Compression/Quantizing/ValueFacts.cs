namespace Subp.Compression.Quantizing;

/// <summary>What is known of a value: its range, and the mean of each channel or feature where that is known.</summary>
/// <param name="Range">The numbers that bytes must cover.</param>
/// <param name="Mean">Per channel of an image, per feature of a vector.</param>
internal sealed record ValueFacts(ValueRange Range, double[]? Mean);
