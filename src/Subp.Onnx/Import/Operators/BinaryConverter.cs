using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>An element-wise function of two values.</summary>
/// <param name="name">The ONNX operator.</param>
/// <param name="kind">The function.</param>
internal sealed class BinaryConverter(string name, BinaryKind kind) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            name,
            new Binary { Kind = kind }.Mnemonic,
            kind >= BinaryKind.Greater ? "Any two values; truth values are 0 and 1, integers exact up to 2^24." : "Any two values."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var comparesAny = kind >= BinaryKind.Greater;
        GraphValue Operand(int index) => comparesAny ? node.Number(index, "operand") : node.Value(index, "operand");
        if (name == "Mod" && !node.Attributes.Switch("fmod", false))
            throw node.Unsupported("fmod = 0", "fmod = 1 for computed values");
        var left = Operand(0);
        node.Emit(new Binary { Kind = kind }, left, OldBroadcast.Align(node, left, Operand(1)));
    }
}
