using Subp.Cli.Inputs;
using Subp.Compression.Quantizing;
using Subp.Core.Weights;

namespace Subp.Cli.Quantizing;

/// <summary>
/// Makes networks of bytes with ranges from random inputs: for comparisons of numbers and of times, which such networks are as good for as
/// trained ones. For anything else there is <c>subp quantize</c>.
/// </summary>
internal static class RandomRanges
{
    // Other numbers than those that are compared or timed, of the same distribution. Ranges of random inputs hardly differ.
    private const ulong Seed = 100;
    private const int Inputs = 2;

    /// <summary>The network in bytes.</summary>
    /// <param name="packed">The packed network of floats.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static Model Quantize(Model packed, CancellationToken cancellation)
    {
        var inputs = InputSet.OfRandom(packed.Graph.Inputs[0].Shape, Inputs, Seed);
        var options = new Int8Options { Calibration = [.. Enumerable.Range(0, inputs.Count).Select(index => inputs[index])] };
        return Int8Conversion.Convert(packed, FusedNetwork.Of(packed), options, cancellation).Model;
    }
}
