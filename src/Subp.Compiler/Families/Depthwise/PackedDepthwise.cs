using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Depthwise;

/// <summary>A depthwise weight [channels, 1, kh, kw] as [channels / 16][kh * kw][16].</summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Parameter">The weight.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Taps">kh * kw.</param>
internal sealed record PackedDepthwise(int Offset, int Length, string Parameter, int Channels, int Taps) : FamilyConstant(Offset, Length)
{
    /// <inheritdoc/>
    public override string? NamedAfter => Parameter;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Methods => [PackDepthwise];

    /// <inheritdoc/>
    public override string Call(Func<string, string> source, string target) =>
        Invariant($"PackDepthwise({source(Parameter)}, {target}, channels: {Channels}, taps: {Taps});");

    private const string PackDepthwise = """
        // [channels, 1, taps] to [channels / 16][taps][16].
        private static void PackDepthwise(float* source, float* target, int channels, int taps)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                for (int tap = 0; tap < taps; tap++)
                    target[((channel / 16 * taps) + tap) * 16 + channel % 16] = *source++;
            }
        }

        """;
}
