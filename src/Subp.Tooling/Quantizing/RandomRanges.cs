using Subp.Compiler.Planning.Costs;
using Subp.Compression.Quantizing;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Tooling.Inputs;
using Subp.Tooling.Quantizing.Precision;

namespace Subp.Tooling.Quantizing;

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
    /// <param name="weightBits">The bits of a weight, 8 or 7.</param>
    public static Model Quantize(Model packed, CancellationToken cancellation, int weightBits = 8) =>
        Int8Conversion.Convert(packed, FusedNetwork.Of(packed), Options(packed) with { WeightBits = weightBits }, cancellation).Model;

    /// <summary>The network with those layers in bytes that are predicted to be faster so.</summary>
    /// <param name="packed">The packed network of floats.</param>
    /// <param name="machine">The processor that it is predicted for.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static Model QuantizeFastest(Model packed, MachineDescription machine, CancellationToken cancellation)
    {
        var (fused, options) = (FusedNetwork.Of(packed), Options(packed));
        var ranges = Int8Conversion.FindRanges(packed, fused, options, cancellation);
        var choice = new PrecisionChoice(fused, ranges, options, _ => false);
        choice.MakeFastest(machine);
        return choice.Outcome.Model;
    }

    private static Int8Options Options(Model packed)
    {
        var inputs = InputSet.OfRandom(JoinedInputs.ShapeOf(packed.Graph), Inputs, Seed);
        return new Int8Options { Calibration = [.. Enumerable.Range(0, inputs.Count).Select(index => inputs[index])] };
    }
}
