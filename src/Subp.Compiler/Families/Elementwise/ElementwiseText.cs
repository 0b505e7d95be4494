using Subp.Compiler.Emission.Kernels;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Elementwise;

/// <summary>The element-wise functions of vectors as C# expressions. Operands are locals.</summary>
internal static class ElementwiseText
{
    /// <summary>The vector function that a function of two values calls, or null.</summary>
    public static string? Function(BinaryKind kind) =>
        kind is BinaryKind.Power or BinaryKind.Modulo or BinaryKind.Remainder ? kind.ToString() : null;

    /// <summary>The value of an operator.</summary>
    public static string Of(VectorDialect vectors, Operator @operator, IReadOnlyList<string> operands) =>
        @operator switch
        {
            Add => vectors.Add(operands[0], operands[1]),
            Mul => vectors.Multiply(operands[0], operands[1]),
            BatchNorm => vectors.MultiplyAdd(operands[0], operands[1], operands[2]),
            Where => VectorMathematics.Select(vectors, IsZero(vectors, operands[0]), operands[2], operands[1]),
            Binary binary => Of(vectors, binary.Kind, operands[0], operands[1]),
            _ => operands[0],
        };

    /// <summary>The value after an activation.</summary>
    public static string Activated(VectorDialect vectors, Activation activation, string value) =>
        ActivationText.NeedsFunction(activation)
            ? VectorFunctions.Call(vectors, activation, value)
            : ActivationText.Apply(vectors, activation, value);

    private static string Of(VectorDialect v, BinaryKind kind, string left, string right)
    {
        var simd = VectorMathematics.Simd(v);
        string Mask(string condition) => VectorMathematics.Select(v, condition, VectorMathematics.One(v), v.Zero);
        return kind switch
        {
            BinaryKind.Subtract => v.Subtract(left, right),
            BinaryKind.Divide => $"{left} / {right}",
            // Of the base library, since a NaN on either side is to come out.
            BinaryKind.Minimum => $"{simd}.Min({left}, {right})",
            BinaryKind.Maximum => $"{simd}.Max({left}, {right})",
            BinaryKind.ParametricRelu => VectorMathematics.Select(
                v,
                VectorMathematics.Less(v, left, v.Zero),
                v.Multiply(left, right),
                left
            ),
            BinaryKind.Greater => Mask($"{simd}.GreaterThan({left}, {right})"),
            BinaryKind.GreaterOrEqual => Mask($"{simd}.GreaterThanOrEqual({left}, {right})"),
            BinaryKind.Less => Mask($"{simd}.LessThan({left}, {right})"),
            BinaryKind.LessOrEqual => Mask($"{simd}.LessThanOrEqual({left}, {right})"),
            BinaryKind.Equal => Mask($"{simd}.Equals({left}, {right})"),
            // A NaN is not 0 and so counts as true.
            BinaryKind.And => VectorMathematics.Select(v, $"{IsZero(v, left)} | {IsZero(v, right)}", v.Zero, VectorMathematics.One(v)),
            BinaryKind.Or => VectorMathematics.Select(v, $"{IsZero(v, left)} & {IsZero(v, right)}", v.Zero, VectorMathematics.One(v)),
            BinaryKind.ExclusiveOr => Mask($"{IsZero(v, left)} ^ {IsZero(v, right)}"),
            _ => $"{Function(kind)}({left}, {right})",
        };
    }

    private static string IsZero(VectorDialect v, string value) => $"{VectorMathematics.Simd(v)}.Equals({value}, {v.Zero})";
}
