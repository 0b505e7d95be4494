using Subp.Onnx.Protos;

namespace Subp.Onnx.Import.Operators;

/// <summary>Constant: an initialiser written as a node.</summary>
internal sealed class ConstantConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Constant",
            "parameters and attributes of the nodes that read it",
            "The attributes value, value_float, value_floats, value_int and value_ints."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(0, 0);
        if (node.Node.Attribute.Count != 1)
            throw node.Attributes.Invalid(FormattableString.Invariant($"{node.Node.Attribute.Count} attributes"), "exactly one value");
        var attribute = node.Attributes.Any(node.Node.Attribute[0].Name)!;
        var tensor = (attribute.Name, attribute.Type) switch
        {
            ("value", AttributeProto.Types.AttributeType.Tensor) when attribute.T is not null => attribute.T,
            ("value_float", AttributeProto.Types.AttributeType.Float) => new TensorProto { DataType = Float, FloatData = { attribute.F } },
            ("value_floats", AttributeProto.Types.AttributeType.Floats) => new TensorProto
            {
                DataType = Float,
                Dims = { attribute.Floats.Count },
                FloatData = { attribute.Floats },
            },
            ("value_int", AttributeProto.Types.AttributeType.Int) => new TensorProto { DataType = Int64, Int64Data = { attribute.I } },
            ("value_ints", AttributeProto.Types.AttributeType.Ints) => new TensorProto
            {
                DataType = Int64,
                Dims = { attribute.Ints.Count },
                Int64Data = { attribute.Ints },
            },
            _ => throw node.Attributes.Invalid(
                $"'{attribute.Name}' of type {attribute.Type}",
                "value, value_float, value_floats, value_int or value_ints"
            ),
        };
        node.Define(new ConstantValue(node.AttributeTensor(tensor)));
    }

    private const int Float = (int)TensorProto.Types.DataType.Float;

    private const int Int64 = (int)TensorProto.Types.DataType.Int64;
}
