using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Export;

/// <summary>Writes element-wise operators of several values. Masks are floats in the graph and truth values in ONNX.</summary>
internal static class ElementwiseWriters
{
    private const long Float = 1;
    private const long Boolean = 9;

    public static void WriteBinary(GraphWriter writer, GraphNode node, Binary binary)
    {
        switch (binary.Kind)
        {
            case BinaryKind.Subtract:
                writer.Node("Sub", node.Inputs, node.Name);
                break;
            case BinaryKind.Divide:
                writer.Node("Div", node.Inputs, node.Name);
                break;
            case BinaryKind.Power:
                writer.Node("Pow", node.Inputs, node.Name);
                break;
            case BinaryKind.Minimum:
                writer.Node("Min", node.Inputs, node.Name);
                break;
            case BinaryKind.Maximum:
                writer.Node("Max", node.Inputs, node.Name);
                break;
            case BinaryKind.ParametricRelu:
                WriteParametricRelu(writer, node);
                break;
            case BinaryKind.Remainder:
                writer.Node("Mod", node.Inputs, node.Name, Attributes.Integer("fmod", 1));
                break;
            case BinaryKind.Modulo:
                WriteModulo(writer, node);
                break;
            case BinaryKind.And or BinaryKind.Or:
                WriteMask(writer, node, binary.Kind.ToString(), [.. node.Inputs.Select(input => Truth(writer, node, input))]);
                break;
            case BinaryKind.ExclusiveOr:
                WriteMask(writer, node, "Xor", [.. node.Inputs.Select(input => Truth(writer, node, input))]);
                break;
            default:
                // The names of the comparisons are those of ONNX.
                WriteMask(writer, node, binary.Kind.ToString(), node.Inputs);
                break;
        }
    }

    public static void WriteWhere(GraphWriter writer, GraphNode node) =>
        writer.Node("Where", [Truth(writer, node, node.Inputs[0]), node.Inputs[1], node.Inputs[2]], node.Name);

    // PRelu repeats the slope only; where the value is repeated, too, it is spelt out.
    private static void WriteParametricRelu(GraphWriter writer, GraphNode node)
    {
        if (writer.ShapeOf(node.Inputs[0]).Equals(node.Shape))
        {
            writer.Node("PRelu", node.Inputs, node.Name);
            return;
        }

        var (product, negative) = (writer.UniqueName($"{node.Name}.product"), writer.UniqueName($"{node.Name}.negative"));
        writer.Node("Mul", node.Inputs, product);
        writer.Node("Less", [node.Inputs[0], writer.Scalar($"{node.Name}.zero", 0)], negative);
        writer.Node("Where", [negative, product, node.Inputs[0]], node.Name);
    }

    // Mod without fmod is for integers only.
    private static void WriteModulo(GraphWriter writer, GraphNode node)
    {
        var (quotient, floor, whole) = (
            writer.UniqueName($"{node.Name}.quotient"),
            writer.UniqueName($"{node.Name}.floor"),
            writer.UniqueName($"{node.Name}.whole")
        );
        writer.Node("Div", node.Inputs, quotient);
        writer.Node("Floor", [quotient], floor);
        writer.Node("Mul", [floor, node.Inputs[1]], whole);
        writer.Node("Sub", [node.Inputs[0], whole], node.Name);
    }

    private static string Truth(GraphWriter writer, GraphNode node, string value)
    {
        var truth = writer.UniqueName($"{node.Name}.truth");
        writer.Node("Cast", [value], truth, Attributes.Integer("to", Boolean));
        return truth;
    }

    private static void WriteMask(GraphWriter writer, GraphNode node, string operatorType, IEnumerable<string> inputs)
    {
        var mask = writer.UniqueName($"{node.Name}.mask");
        writer.Node(operatorType, inputs, mask);
        writer.Node("Cast", [mask], node.Name, Attributes.Integer("to", Float));
    }
}
