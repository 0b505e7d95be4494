using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Recognition;

/// <summary>
/// Products of computed values, and what exporters write with them: SiLU as x * Sigmoid(x), HardSwish as x * HardSigmoid(x) or as
/// x * Clip(x + 3, 0, 6) / 6 with the division at any place, Mish as x * Tanh(Softplus(x)), and the forms of <see cref="GeluForms"/> and
/// <see cref="NormalizationForms"/>.
/// </summary>
internal static class Products
{
    private const float Tolerance = 1e-6f;

    /// <summary>Adds the product of two values.</summary>
    public static void Emit(NodeContext node, GraphValue first, GraphValue second)
    {
        if (GeluForms.TryEmit(node, first, second, divides: false) || NormalizationForms.TryEmitProduct(node, first, second))
            return;
        if (Activated(node, first, second) is { } activation)
            node.Emit(new Activate(activation), first);
        else if (Activated(node, second, first) is { } swapped)
            node.Emit(new Activate(swapped), second);
        else if (IsGate(second, first))
            node.Emit(new Mul(), second, first);
        else
            node.Emit(new Mul(), first, second);
    }

    /// <summary>Adds x * Clip(x + 3, 0, 6) / 6 as one activation where the quotient is that; says whether it is.</summary>
    public static bool TryEmitSixth(NodeContext node, GraphValue dividend, ConstantTensor divisor)
    {
        if (divisor.Count != 1 || divisor.Dimensions.Count > dividend.Shape.Rank || divisor.ToScalar() != 6)
            return false;
        if (Shifted(node, dividend) is { } shifted)
        {
            node.Emit(new Activate(Activation.HardSigmoid(1 / 6f, 0.5f)), shifted);
            return true;
        }

        if (node.Producer(dividend) is not (Mul { Activation.Word: "none" }, [var left, var right]))
            return false;
        var source =
            Shifted(node, right) == left ? left
            : Shifted(node, left) == right ? right
            : null;
        if (source is null)
            return false;
        node.Emit(Activate.HardSwish, source);
        return true;
    }

    // The activation that a value times the factor is, or null.
    private static Activation? Activated(NodeContext node, GraphValue value, GraphValue factor)
    {
        if (node.Producer(factor) is not (Activate { Activation: var activation }, [var source]))
            return null;
        if (activation.Kind == ActivationKind.Tanh)
            return node.Producer(source) is (Activate { Activation.Kind: ActivationKind.Softplus }, [var inner]) && inner == value
                ? Activation.Of(ActivationKind.Mish)
                : null;
        return source != value
            ? null
            : activation.Kind switch
            {
                ActivationKind.Sigmoid => Activation.Silu,
                ActivationKind.HardSigmoid when Math.Abs(activation.Alpha - (1 / 6f)) < Tolerance && activation.Beta == 0.5f =>
                    Activation.HardSwish,
                _ => null,
            };
    }

    // The value x of Clip(x + 3, 0, 6), or null.
    private static GraphValue? Shifted(NodeContext node, GraphValue value) =>
        node.Producer(value) is (Activate { Activation: var clip }, [var sum])
        && clip == Activation.Relu6
        && node.Producer(sum) is (BatchNorm norm, [var source])
        && node.UniformFactors(norm) is (1, 3)
            ? source
            : null;

    private static bool IsGate(GraphValue image, GraphValue gate) =>
        image.Shape.IsImage
        && gate.Shape.IsImage
        && !image.Shape.Equals(gate.Shape)
        && gate.Shape.Equals(new TensorShape(image.Shape.Batch, image.Shape.Channels, 1, 1));
}
