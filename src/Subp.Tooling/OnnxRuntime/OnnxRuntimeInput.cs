namespace Subp.Tooling.OnnxRuntime;

/// <summary>One input of a run.</summary>
/// <param name="Values">The elements, dense NCHW; bytes as the numbers 0 to 255, signed ones 128 larger.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="IsBytes">Whether the network takes bytes, otherwise floats.</param>
internal sealed record OnnxRuntimeInput(float[] Values, IReadOnlyList<int> Shape, bool IsBytes);
