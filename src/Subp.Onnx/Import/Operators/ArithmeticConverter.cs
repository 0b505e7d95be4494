using Subp.Core.Operators;
using Subp.Onnx.Import.Recognition;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// Add, Sub, Mul and Div with broadcasting. One number, or one per channel, becomes a normalisation that folds into the layer before; see
/// <see cref="Affine"/>.
/// </summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class ArithmeticConverter(string name) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        name switch
        {
            "Add" => new(
                name,
                "add, or batch_norm for a constant per channel",
                "Any two values, integers exact up to 2^24; after Conv, Gemm or MatMul without bias a constant becomes their bias."
            ),
            "Sub" => new(name, "sub, or batch_norm for a constant per channel", "Any two values."),
            "Mul" => new(
                name,
                "mul, silu, hard_swish, mish or gelu where it is one, batch_norm for a constant per channel",
                "Any two values."
            ),
            _ => new(
                name,
                "div, batch_norm for a constant per channel, or hard_swish, gelu or normalize where it ends one",
                "Any two values; integers towards zero, exact up to 2^24."
            ),
        };

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        if (node.IsInteger(0) && node.IsInteger(1))
        {
            CombineIntegers(node, node.ValueOfAnyKind(0), node.ValueOfAnyKind(1));
            return;
        }

        var left = node.Value(0, "operand");
        var right = OldBroadcast.Align(node, left, node.Value(1, "operand"));
        if (!TryRecognize(node, left, right))
            Combine(node, left, right);
    }

    // As biases behind integer products, and as rows and columns of indices.
    private void CombineIntegers(NodeContext node, GraphValue left, GraphValue right)
    {
        if (name == "Div")
        {
            // The quotient of floats lies on the same side of every integer as the exact one does: that is at least 1 / right away.
            var quotient = node.EmitIntermediate("quotient", new Binary { Kind = BinaryKind.Divide }, left, right);
            node.EmitAs(ElementKind.Integer, new Activate(Activation.Of(ActivationKind.Truncate)), quotient);
            return;
        }

        Combine(node, left, right);
        node.DefineKind(ElementKind.Integer);
    }

    private void Combine(NodeContext node, GraphValue left, GraphValue right)
    {
        if (right.Constant is { } second && Affine.TryEmit(node, left, second, Behind))
            return;
        if (left.Constant is { } first && name != "Div" && Affine.TryEmit(node, right, first, InFront))
            return;
        switch (name)
        {
            case "Add":
                node.Emit(new Add(), left, right);
                break;
            case "Mul":
                Products.Emit(node, left, right);
                break;
            default:
                node.Emit(new Binary { Kind = name == "Sub" ? BinaryKind.Subtract : BinaryKind.Divide }, left, right);
                break;
        }
    }

    // What a constant ends that exporters write in single steps; products of computed values are with the other products.
    private bool TryRecognize(NodeContext node, GraphValue left, GraphValue right)
    {
        if (name == "Div")
            return right.Constant is { } divisor
                ? Products.TryEmitSixth(node, left, divisor) || GeluForms.TryEmit(node, left, right, divides: true)
                : NormalizationForms.TryEmitQuotient(node, left, right);
        if (name == "Sub" || (left.Constant is null) == (right.Constant is null))
            return false;
        if (name == "Mul" && GeluForms.TryEmit(node, left, right, divides: false))
            return true;
        return right.Constant is { } constant
            ? NormalizationForms.TryExtend(node, 0, left, constant, adds: name == "Add")
            : NormalizationForms.TryExtend(node, 1, right, left.Constant!, adds: name == "Add");
    }

    // Scale and shift where the constant comes second.
    private (float Scale, float Shift) Behind(float constant) =>
        name switch
        {
            "Add" => (1, constant),
            "Sub" => (1, -constant),
            "Mul" => (constant, 0),
            _ => ((float)(1.0 / constant), 0),
        };

    private (float Scale, float Shift) InFront(float constant) => name == "Sub" ? (-1, constant) : Behind(constant);
}
