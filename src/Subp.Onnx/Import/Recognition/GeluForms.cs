using Subp.Core.Operators;

namespace Subp.Onnx.Import.Recognition;

/// <summary>
/// Gelu as exporters write it below opset 20: x * (1 + erf(x / sqrt(2))) / 2, or x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2,
/// with factors in any order and constants at any place.
/// </summary>
internal static class GeluForms
{
    // The longest forms have six steps before the last.
    private const int MostValues = 16;
    private static readonly double s_tanhFactor = Math.Sqrt(2 / Math.PI);

    /// <summary>Adds a product, or a quotient by a number, as one activation where it ends a Gelu; says whether it does.</summary>
    /// <param name="node">The node.</param>
    /// <param name="left">The first operand.</param>
    /// <param name="right">The second operand.</param>
    /// <param name="divides">Whether the node is a quotient.</param>
    public static bool TryEmit(NodeContext node, GraphValue left, GraphValue right, bool divides)
    {
        var values = Behind(node, left, right);
        foreach (var curve in values)
        {
            if (node.Producer(curve) is not (Activate { Activation.Kind: ActivationKind.Erf or ActivationKind.Tanh } activate, [var inner]))
                continue;
            foreach (var source in values)
            {
                var (first, second) = (Polynomial.Of(node, left, source, curve), Polynomial.Of(node, right, source, curve));
                var whole = divides ? Polynomial.Quotient(first, second) : Polynomial.Product(first, second);
                if (whole?.Is((1, 0, 0.5), (1, 1, 0.5)) != true)
                    continue;
                if (Kind(activate.Activation.Kind, Polynomial.Of(node, inner, source)) is not { } kind)
                    continue;
                node.Emit(new Activate(Activation.Of(kind)), source);
                return true;
            }
        }

        return false;
    }

    private static ActivationKind? Kind(ActivationKind curve, Polynomial? inner) =>
        curve == ActivationKind.Erf
            ? inner?.Is((1, 0, Math.Sqrt(0.5))) == true
                ? ActivationKind.Gelu
                : null
            : inner?.Is((1, 0, s_tanhFactor), (3, 0, s_tanhFactor * 0.044715)) == true
                ? ActivationKind.GeluTanh
                : null;

    // The operands and what they are computed from, up to the curves.
    private static List<GraphValue> Behind(NodeContext node, params GraphValue[] operands)
    {
        var values = operands.Where(operand => operand.Constant is null).Distinct().ToList();
        for (var index = 0; index < values.Count && values.Count < MostValues; index++)
        {
            if (node.Producer(values[index]) is not (BatchNorm or Add or Mul or Binary, var inputs))
                continue;
            values.AddRange(inputs.Where(input => input.Constant is null && !values.Contains(input)));
        }

        return values;
    }
}
