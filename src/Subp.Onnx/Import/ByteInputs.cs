using Subp.Core.Graphs;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <summary>
/// Inputs of the network that are quantised bytes: what the nodes that read them say of their scale and zero point. Where no reader says
/// anything, bytes are numbers, as pixels are.
/// </summary>
internal static class ByteInputs
{
    /// <summary>The quantisation that all readers of an input agree on, or null where none names one.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0404: readers name several, or one that is none.</exception>
    public static Quantization? QuantizationOf(ImportSession session, string input, bool isSigned)
    {
        Quantization? found = null;
        // What is only moved, as the channels of images are, is still bytes of the input.
        var bytes = new HashSet<string>(StringComparer.Ordinal) { input };
        foreach (var node in session.Index.Nodes)
        {
            if (MovedInputs(node).Any(bytes.Contains))
                bytes.UnionWith(node.Output.Where(output => output.Length > 0));
            foreach (var place in Places(node).Where(place => place < node.Input.Count && bytes.Contains(node.Input[place])))
            {
                var context = new NodeContext(session, node);
                if (!context.IsConstant(place + 1) || (context.HasInput(place + 2) && !context.IsConstant(place + 2)))
                    continue;
                var (named, isNamedSigned) = QuantizationReader.Read(context, place + 1, place + 2, isSigned);
                if (isNamedSigned != isSigned || (found is not null && found != named))
                    throw context.Unsupported(
                        $"the quantisation {named} of the input '{input}'" + (isNamedSigned ? ", of signed bytes" : ""),
                        found is null
                            ? $"one of {(isSigned ? "signed" : "unsigned")} bytes, as the input is"
                            : $"{found}, as another node has it",
                        "Let all nodes that read the input have one scale and one zero point."
                    );
                found = named;
            }
        }

        return found;
    }

    private static readonly HashSet<string> Moves = new(StringComparer.Ordinal)
    {
        "Clip",
        "DepthToSpace",
        "Expand",
        "Flatten",
        "Gather",
        "Identity",
        "MaxPool",
        "Pad",
        "ReduceMax",
        "ReduceMin",
        "Relu",
        "Reshape",
        "Resize",
        "Slice",
        "SpaceToDepth",
        "Split",
        "Squeeze",
        "Tile",
        "Transpose",
        "Unsqueeze",
    };

    // Of what is joined, chosen or compared with others all operands have to be of the same bytes.
    private static IEnumerable<string> MovedInputs(NodeProto node) =>
        node.OpType switch
        {
            "Concat" or "Max" or "Min" => node.Input,
            "Where" => node.Input.Skip(1),
            _ when Moves.Contains(node.OpType) => node.Input.Take(1),
            _ => [],
        };

    // Inputs that are followed by their scale and zero point.
    private static IEnumerable<int> Places(NodeProto node) =>
        node.OpType switch
        {
            "DequantizeLinear"
            or "QLinearConv"
            or "QGemm"
            or "QLinearSigmoid"
            or "QLinearLeakyRelu"
            or "QLinearGlobalAveragePool"
            or "QLinearAveragePool" => [0],
            "QLinearMatMul" or "QLinearAdd" or "QLinearMul" => [0, 3],
            "QLinearWhere" => [1, 4],
            "QLinearConcat" => Enumerable.Range(0, Math.Max(0, (node.Input.Count - 2) / 3)).Select(part => 2 + (3 * part)),
            _ => [],
        };
}
