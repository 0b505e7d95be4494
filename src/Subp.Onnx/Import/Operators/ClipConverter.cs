using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Clip; ReLU6 of PyTorch arrives as this.</summary>
internal sealed class ClipConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Clip",
            "relu or clip; maximum and minimum for computed bounds",
            "Any shape, also of quantised bytes with constant bounds; bounds as inputs, or as attributes as older exporters write "
                + "them; where the lower bound is the greater one, the upper counts."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 3);
        if (node.ValueOfAnyKind(0) is { Kind: ElementKind.Byte } bytes)
        {
            ByteClamps.Emit(node, bytes, Byte(node, 1, "lower bound"), Byte(node, 2, "upper bound"));
            return;
        }

        var minimum = node.Attributes.Real("min", float.NegativeInfinity);
        var maximum = node.Attributes.Real("max", float.PositiveInfinity);
        var lower = node.HasInput(1) ? node.Value(1, "lower bound") : null;
        var upper = node.HasInput(2) ? node.Value(2, "upper bound") : null;
        var value = node.Value(0);
        // A computed bound is the greater or the lesser of two values; the upper one comes last and wins.
        if (lower is { Constant: null })
            value = node.EmitIntermediate("above", new Binary { Kind = BinaryKind.Maximum }, value, lower);
        else
            minimum = lower?.Constant!.ToScalar() ?? minimum;
        if (upper is { Constant: null })
        {
            if (lower is { Constant: not null })
                value = node.EmitIntermediate("above", new Activate(new Activation(minimum, float.PositiveInfinity)), value);
            node.Emit(new Binary { Kind = BinaryKind.Minimum }, value, upper);
            return;
        }

        maximum = upper?.Constant!.ToScalar() ?? maximum;
        Clamps.Emit(node, value, minimum, maximum);
    }

    private static long? Byte(NodeContext node, int index, string role) =>
        node.OptionalConstant(index, role) is not { } bound ? null
        : bound.Count == 1 ? bound.ToIntegers()[0]
        : throw node.Unsupported(FormattableString.Invariant($"{bound.Count} numbers as {role}"), "one");
}
