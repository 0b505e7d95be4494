using Subp.Compiler.Emission.Runtime;
using Subp.Core.Operators;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// How kernels apply an activation. Clamps, hard sigmoids, hard swishes and leaky ReLUs are a few instructions on a register. All others need
/// an exponential or the like, which would fill the registers of a tile; they are applied to a row of results just stored, by a method of
/// <see cref="FunctionsFile"/>.
/// </summary>
internal static class ActivationText
{
    /// <summary>True where the activation is applied to stored results by a method.</summary>
    public static bool NeedsFunction(Activation activation) =>
        activation.Kind is not (ActivationKind.Clamp or ActivationKind.HardSigmoid or ActivationKind.HardSwish or ActivationKind.LeakyRelu);

    /// <summary>True where the expression reads its operand twice, which must then be a local.</summary>
    public static bool NeedsLocal(Activation activation) => activation.Kind is ActivationKind.HardSwish or ActivationKind.LeakyRelu;

    /// <summary>The expression for what is applied in registers; the operand itself for what a method applies later.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="value">The operand; a local where <see cref="NeedsLocal"/>.</param>
    public static string Apply(VectorDialect vectors, Activation activation, string value) =>
        activation.Kind switch
        {
            ActivationKind.Clamp => Clamp(vectors, activation.Minimum, activation.Maximum, value),
            ActivationKind.HardSigmoid => HardSigmoid(
                vectors,
                CSharpText.Literal(activation.Alpha),
                CSharpText.Literal(activation.Beta),
                value
            ),
            ActivationKind.HardSwish => vectors.Multiply(value, HardSigmoid(vectors, "1f / 6f", "0.5f", value)),
            ActivationKind.LeakyRelu => vectors.MultiplyAdd(
                vectors.Min(vectors.Zero, value),
                vectors.Constant(CSharpText.Literal(activation.Alpha)),
                vectors.Max(vectors.Zero, value)
            ),
            _ => value,
        };

    /// <summary>Writes the store of a result, through a local where the activation reads it twice.</summary>
    public static void WriteStore(CSharpWriter writer, VectorDialect vectors, Activation activation, string pointer, string value)
    {
        if (NeedsLocal(activation))
        {
            writer.Line($"{vectors.Type} result = {value};");
            value = "result";
        }

        writer.Line(vectors.Store(pointer, Apply(vectors, activation, value)));
    }

    /// <summary>Writes the call that applies a function to stored vectors; nothing for what was applied in registers.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="pointer">The first vector.</param>
    /// <param name="count">The number of vectors.</param>
    /// <param name="step">Floats from one vector to the next.</param>
    public static void WriteFunction(CSharpWriter writer, VectorDialect vectors, Activation activation, string pointer, int count, int step)
    {
        if (NeedsFunction(activation))
            writer.Line(
                $"{FunctionsFile.NameOf(activation.Kind, vectors.Lanes)}({pointer}, {count}, {step}{FunctionsFile.Numbers(activation)});"
            );
    }

    private static string HardSigmoid(VectorDialect vectors, string slope, string offset, string value) =>
        Clamp(vectors, 0, 1, vectors.MultiplyAdd(value, vectors.Constant(slope), vectors.Constant(offset)));

    // The value comes second, so that a NaN stays a NaN.
    private static string Clamp(VectorDialect vectors, float minimum, float maximum, string value)
    {
        if (!float.IsNegativeInfinity(minimum))
            value = vectors.Max(minimum == 0 ? vectors.Zero : vectors.Constant(CSharpText.Literal(minimum)), value);
        if (!float.IsPositiveInfinity(maximum))
            value = vectors.Min(vectors.Constant(CSharpText.Literal(maximum)), value);
        return value;
    }
}
