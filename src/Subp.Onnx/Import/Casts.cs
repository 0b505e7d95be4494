using Subp.Core.Operators;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import;

/// <summary>Conversions of computed values, all of which are floats in the graph.</summary>
internal static class Casts
{
    /// <summary>Adds the conversion of the first input.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The type has numbers that a float does not hold, or far fewer: rounding to the
    /// eight bits of bfloat16 changes what a network computes.</exception>
    public static void Emit(NodeContext node, DataType target)
    {
        if (target is DataType.Int8 or DataType.Uint8 && IsOf(node.Input(0, "input"), target))
        {
            node.Define(node.Input(0, "input"));
            return;
        }

        var kind = target switch
        {
            DataType.Float or DataType.Double or DataType.Float16 => ElementKind.Real,
            DataType.Int64 or DataType.Int32 => ElementKind.Integer,
            DataType.Bool => ElementKind.Truth,
            _ => throw node.Unsupported($"a conversion of a computed value to {target}", "float, double, float16, int64, int32 or bool"),
        };
        // A view stays one: no element changes.
        if (kind == ElementKind.Real && node.Input(0, "input") is ViewValue { Source.Kind: ElementKind.Real } view)
        {
            node.Define(view);
            return;
        }

        var value = node.Number(0);
        if (kind == ElementKind.Integer && value.Kind == ElementKind.Real)
            node.EmitAs(kind, new Activate(Activation.Of(ActivationKind.Truncate)), value);
        else if (kind == ElementKind.Truth && value.Kind != ElementKind.Truth)
            node.EmitAs(kind, Not(), node.EmitIntermediate("zero", Not(), value));
        else
            node.Define(value with { Kind = kind });
    }

    // Bytes of the same type stay what they are, and what they stand for.
    private static bool IsOf(ImportedValue value, DataType type)
    {
        var source = value is ViewValue view ? view.Source : value as GraphValue;
        return source is { Kind: ElementKind.Byte } && source.IsSigned == (type == DataType.Int8);
    }

    private static Activate Not() => new(Activation.Of(ActivationKind.Not));
}
