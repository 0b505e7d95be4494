using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families;

/// <summary>
/// The two factors of a batch normalisation that could not be folded: [channels] multipliers, then [channels] addends, each padded to 16.
/// multiplier = scale / sqrt(variance + epsilon), addend = shift - mean * multiplier, computed in double.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Norm">The normalisation.</param>
/// <param name="Channels">Its channels.</param>
internal sealed record BatchNormFactors(int Offset, int Length, BatchNorm Norm, int Channels) : FamilyConstant(Offset, Length)
{
    /// <inheritdoc/>
    public override string? NamedAfter => Norm.Scale;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Methods => [Factors];

    /// <inheritdoc/>
    public override string Call(Func<string, string> source, string target) =>
        Invariant(
            $"BatchNormFactors({source(Norm.Scale)}, {source(Norm.Shift)}, {source(Norm.Mean)}, {source(Norm.Variance)}, {target}, "
                + $"{target} + {BufferPlanner.RoundUp(Channels)}, {Channels}, {CSharpText.Literal(Norm.Epsilon)});"
        );

    private const string Factors = """
        // A batch normalisation as one multiplication and one addition per channel, computed in double and rounded once.
        private static void BatchNormFactors(
            float* scale, float* shift, float* mean, float* variance, float* multipliers, float* addends, int channels, float epsilon)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                double multiplier = scale[channel] / System::Math.Sqrt((double)variance[channel] + epsilon);
                multipliers[channel] = (float)multiplier;
                addends[channel] = (float)(shift[channel] - mean[channel] * multiplier);
            }
        }

        """;
}
