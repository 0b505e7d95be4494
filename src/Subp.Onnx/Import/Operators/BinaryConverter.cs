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
            kind switch
            {
                >= BinaryKind.Greater => "Any two values; truth values are 0 and 1, integers exact up to 2^24.",
                BinaryKind.Remainder => "Any two values with fmod = 1; integers, exact up to 2^24, with either.",
                _ => "Any two values.",
            }
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var comparesAny = kind >= BinaryKind.Greater;
        GraphValue Operand(int index) => comparesAny ? node.Number(index, "operand") : node.Value(index, "operand");
        var floors = name == "Mod" && !node.Attributes.Switch("fmod", false);
        if (name == "Mod" && node.IsInteger(0) && node.IsInteger(1))
        {
            var remainder = new Binary { Kind = floors ? BinaryKind.Modulo : kind };
            node.EmitAs(ElementKind.Integer, remainder, node.ValueOfAnyKind(0), node.ValueOfAnyKind(1));
            return;
        }

        if (floors)
            throw node.Unsupported("fmod = 0", "fmod = 1 for computed values that are no integers");
        var left = Operand(0);
        node.Emit(new Binary { Kind = kind }, left, OldBroadcast.Align(node, left, Operand(1)));
    }
}
