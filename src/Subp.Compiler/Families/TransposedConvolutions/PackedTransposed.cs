using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// The weight of a transposed convolution [in, out / groups, kh, kw] as [group][out / 8][kh * kw][in / groups][8]; lanes beyond the
/// outputs of a group are zero.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Parameter">The dense weight.</param>
/// <param name="Groups">Channel groups.</param>
/// <param name="Inputs">Input channels of one group.</param>
/// <param name="Outputs">Output channels of one group.</param>
/// <param name="Taps">kh * kw.</param>
internal sealed record PackedTransposed(int Offset, int Length, string Parameter, int Groups, int Inputs, int Outputs, int Taps)
    : FamilyConstant(Offset, Length)
{
    /// <inheritdoc/>
    public override string? NamedAfter => Parameter;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Methods => [PackTransposed];

    /// <inheritdoc/>
    public override string Call(Func<string, string> source, string target) =>
        Invariant($"PackTransposed({source(Parameter)}, {target}, groups: {Groups}, inputs: {Inputs}, outputs: {Outputs}, taps: {Taps});");

    private const string PackTransposed = """
        // [in, out / groups, taps] to [group][out / 8][taps][in / groups][8].
        private static void PackTransposed(float* source, float* target, int groups, int inputs, int outputs, int taps)
        {
            int tiles = (outputs + 7) / 8;
            for (int input = 0; input < groups * inputs; input++)
            {
                for (int output = 0; output < outputs; output++)
                {
                    int tile = input / inputs * tiles + output / 8;
                    for (int tap = 0; tap < taps; tap++)
                        target[((tile * taps + tap) * inputs + input % inputs) * 8 + output % 8] = *source++;
                }
            }
        }

        """;
}
