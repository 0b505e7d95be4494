using Subp.Core.Graphs;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Bytes;

/// <summary>
/// Writes the check that weights of a layer of bytes pass when they are loaded, as <c>QuantizationCheck</c> makes it where a bundle is
/// written or read: a compiled network takes weights that it was not compiled with, and no sum may overflow in silence.
/// </summary>
internal static class IntegerWeightCheck
{
    /// <summary>
    /// The arguments that every call begins with: what messages call the layer, and the smallest integer that it may hold.
    /// </summary>
    /// <param name="layer">The node.</param>
    /// <param name="bits">The bits of a weight that is stored packed, else null. Integers of few bits have no negative without a
    /// positive, on which kernels rely that add them up in 16 bits.</param>
    public static string Arguments(string layer, int? bits) =>
        Invariant(
            $"{Emission.Runtime.CSharpText.Literal(layer)}, least: {(bits is null ? sbyte.MinValue : -StoredBits.Largest(bits.Value))}"
        );

    /// <summary>The method.</summary>
    public const string Method = """
        // A layer of bytes is exact where scales are scales, integers of few bits have both signs, and 32 bits hold every sum whatever the
        // input is. Other weights are refused before anything is computed: `magnitude` is the sum of the absolute integers of an output.
        private static void RequireExact(
            string layer, int output, int least, int smallest, long magnitude, long bias, int inputZero, float scale, float factor)
        {
            const float SmallestScale = 1.17549435E-38f;
            long most = magnitude * System::Math.Max(inputZero, 255 - inputZero) + System::Math.Abs(bias);
            if (!(scale >= SmallestScale && scale <= float.MaxValue))
                throw Unusable($"the scale {scale:R}", $"a finite number above 0");
            if (!(factor >= SmallestScale && factor <= float.MaxValue))
                throw Unusable($"the multiplier {factor:R} of input, weight and output scale", $"a finite number above 0");
            if (smallest < least)
                throw Unusable($"the weight {smallest}", $"at least {least}");
            if (most > int.MaxValue)
                throw Unusable($"sums of up to {most}", $"at most {int.MaxValue}");

            System::Exception Unusable(System::FormattableString found, System::FormattableString expected) =>
                new IO::InvalidDataException(
                    System::FormattableString.Invariant(
                        $"The weights of layer '{layer}' cannot be used: found {found} in output channel {output}, expected {expected}.")
                        + " Quantise the network again.");
        }

        """;
}
