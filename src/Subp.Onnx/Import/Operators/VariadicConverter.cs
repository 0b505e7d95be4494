using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Max, Min, Sum and Mean of any number of values, two at a time; a limit by one number is a clamp.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class VariadicConverter(string name) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        name switch
        {
            "Max" => new(name, "relu or clip for one number, else maximum", "Any values; quantised bytes of one scale."),
            "Min" => new(name, "clip for one number, else minimum", "Any values; quantised bytes of one scale."),
            "Sum" => new(name, "add", "Any values."),
            _ => new(name, "add and mul", "Any values."),
        };

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        if (name is "Max" or "Min" && TryBytes(node))
            return;
        var values = node.Values("operand");
        if (name is "Max" or "Min" && TryClamp(node, values))
            return;
        var combine = Combination();
        var result = values[0];
        var isMean = name == "Mean" && values.Length > 1;
        for (var index = 1; index < values.Length; index++)
        {
            if (index == values.Length - 1 && !isMean)
            {
                node.Emit(combine, result, values[index]);
                return;
            }

            result = node.EmitIntermediate("part", combine, result, values[index]);
        }

        if (isMean)
            node.Emit(new Mul(), result, node.ComputedConstant("share", new TensorShape(), 1f / values.Length));
        else
            node.Define(result);
    }

    private Operator Combination() =>
        name switch
        {
            "Max" => new Binary { Kind = BinaryKind.Maximum },
            "Min" => new Binary { Kind = BinaryKind.Minimum },
            _ => new Add(),
        };

    private bool TryBytes(NodeContext node)
    {
        if (node.InputCount == 0)
            return false;
        GraphValue[] values = [.. Enumerable.Range(0, node.InputCount).Select(index => node.ValueOfAnyKind(index, "operand"))];
        if (ByteOperands.Find(values) is not { } bytes)
            return false;
        if (values.Length == 1)
            node.Define(bytes);
        else
            ByteOperands.Emit(
                node,
                bytes,
                values,
                numbers => numbers.Aggregate((left, right) => node.EmitIntermediate("extreme", Combination(), left, right)),
                "Compare what DequantizeLinear makes of the bytes."
            );
        return true;
    }

    // One computed value, and constants of one element that do not add dimensions.
    private bool TryClamp(NodeContext node, GraphValue[] values)
    {
        if (values.Where(value => value.Constant is null).ToArray() is not [var computed])
            return false;
        var (minimum, maximum) = (float.NegativeInfinity, float.PositiveInfinity);
        foreach (var constant in values.Select(value => value.Constant).OfType<ConstantTensor>())
        {
            if (constant.Count != 1 || constant.Dimensions.Count > computed.Shape.Rank || float.IsNaN(constant.ToScalar()))
                return false;
            if (name == "Max")
                minimum = MathF.Max(minimum, constant.ToScalar());
            else
                maximum = MathF.Min(maximum, constant.ToScalar());
        }

        Clamps.Emit(node, computed, minimum, maximum);
        return true;
    }
}
