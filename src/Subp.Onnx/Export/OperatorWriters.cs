using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Export;

/// <summary>The one table of how graph operators are written as ONNX nodes.</summary>
internal static class OperatorWriters
{
    private static readonly Dictionary<Type, Action<GraphWriter, GraphNode>> Writers = new()
    {
        [typeof(Add)] = (writer, node) => WriteAdd(writer, node, (Add)node.Operator),
        [typeof(BatchNorm)] = (writer, node) => WriteBatchNorm(writer, node, (BatchNorm)node.Operator),
        [typeof(Activate)] = (writer, node) => writer.Activate(((Activate)node.Operator).Activation, node.Inputs[0], node.Name),
        [typeof(ChannelShuffle)] = (writer, node) => WriteChannelShuffle(writer, node, (ChannelShuffle)node.Operator),
        [typeof(Concat)] = (writer, node) => writer.Node("Concat", node.Inputs, node.Name, Attributes.Integer("axis", 1)),
        [typeof(Conv2d)] = (writer, node) => WriteConv2d(writer, node, (Conv2d)node.Operator),
        [typeof(Flatten)] = (writer, node) => writer.Node("Flatten", node.Inputs, node.Name, Attributes.Integer("axis", 1)),
        [typeof(GlobalAveragePool)] = (writer, node) => writer.Node("GlobalAveragePool", node.Inputs, node.Name),
        [typeof(Linear)] = (writer, node) => WriteLinear(writer, node, (Linear)node.Operator),
        [typeof(Mul)] = (writer, node) =>
            writer.Fused(node, "mul", residual: null, ((Mul)node.Operator).Activation, output => writer.Node("Mul", node.Inputs, output)),
        [typeof(Pad)] = (writer, node) =>
            WritePad(writer, ((Pad)node.Operator).Padding, ((Pad)node.Operator).Value, node.Inputs[0], node.Name),
        [typeof(Pool2d)] = (writer, node) => WritePool2d(writer, node, (Pool2d)node.Operator),
        [typeof(Reshape)] = (writer, node) =>
            writer.Node(
                "Reshape",
                [node.Inputs[0], writer.Integers($"{node.Name}.shape", [.. node.Shape.Dimensions.Select(extent => (long)extent)])],
                node.Name
            ),
        [typeof(Slice)] = (writer, node) => WriteSlice(writer, node, (Slice)node.Operator),
        [typeof(Softmax)] = (writer, node) => writer.Node("Softmax", node.Inputs, node.Name, Attributes.Integer("axis", -1)),

        // Layouts are a matter of the compiled code; in ONNX every value is NCHW.
        [typeof(ChangeLayout)] = (writer, node) => writer.Node("Identity", node.Inputs, node.Name),
    };

    /// <summary>The operators that can be written.</summary>
    public static IEnumerable<Type> Supported => Writers.Keys;

    /// <summary>Writes one node.</summary>
    /// <exception cref="SubpException">The operator has no ONNX form.</exception>
    public static void Write(GraphWriter writer, GraphNode node)
    {
        if (!Writers.TryGetValue(node.Operator.GetType(), out var write))
            throw new SubpException(
                DiagnosticDescriptors.OnnxUnsupportedOperator,
                $"node '{node.Name}'",
                node.Operator.Mnemonic,
                "an operator with an ONNX form"
            );
        write(writer, node);
    }

    private static void WriteAdd(GraphWriter writer, GraphNode node, Add add) =>
        writer.Fused(node, "add", residual: null, add.Activation, output => writer.Node("Add", node.Inputs, output));

    private static void WriteBatchNorm(GraphWriter writer, GraphNode node, BatchNorm norm) =>
        writer.Fused(
            node,
            "norm",
            residual: null,
            norm.Activation,
            output =>
                writer.Node(
                    "BatchNormalization",
                    [node.Inputs[0], .. norm.Parameters.Select(use => writer.Parameter(use.Name))],
                    output,
                    Attributes.Real("epsilon", norm.Epsilon)
                )
        );

    private static void WriteChannelShuffle(GraphWriter writer, GraphNode node, ChannelShuffle shuffle)
    {
        var shape = node.Shape.Dimensions.Select(extent => (long)extent).ToArray();
        var (grouped, swapped) = (writer.UniqueName($"{node.Name}.grouped"), writer.UniqueName($"{node.Name}.swapped"));
        var split = writer.Integers($"{node.Name}.split", [shape[0], shuffle.Groups, shape[1] / shuffle.Groups, .. shape[2..]]);
        writer.Node("Reshape", [node.Inputs[0], split], grouped);
        writer.Node(
            "Transpose",
            [grouped],
            swapped,
            Attributes.Integers("perm", [0, 2, 1, .. Enumerable.Range(3, shape.Length - 2).Select(axis => (long)axis)])
        );
        writer.Node("Reshape", [swapped, writer.Integers($"{node.Name}.joined", shape)], node.Name);
    }

    private static void WritePad(GraphWriter writer, Padding padding, float value, string input, string output)
    {
        // All begins come before all ends; batch and channels are not padded.
        var pads = writer.Integers($"{output}.pads", 0, 0, padding.Top, padding.Left, 0, 0, padding.Bottom, padding.Right);
        writer.Node("Pad", value == 0 ? [input, pads] : [input, pads, writer.Scalar($"{output}.value", value)], output);
    }

    private static void WriteSlice(GraphWriter writer, GraphNode node, Slice slice) =>
        writer.Node(
            "Slice",
            [
                node.Inputs[0],
                writer.Integers($"{node.Name}.starts", slice.Begin),
                writer.Integers($"{node.Name}.ends", slice.End),
                writer.Integers($"{node.Name}.axes", slice.Axis),
                writer.Integers($"{node.Name}.steps", slice.Step),
            ],
            node.Name
        );

    private static void WriteConv2d(GraphWriter writer, GraphNode node, Conv2d conv)
    {
        var residual = node.Inputs.Count == 2 ? node.Inputs[1] : null;
        writer.Fused(
            node,
            "conv",
            residual,
            conv.Activation,
            output =>
                writer.Node(
                    "Conv",
                    [node.Inputs[0], .. conv.Parameters.Select(use => writer.Parameter(use.Name))],
                    output,
                    [Attributes.Integer("group", conv.Groups), .. Attributes.Window(conv.Window, withDilation: true)]
                )
        );
    }

    private static void WriteLinear(GraphWriter writer, GraphNode node, Linear linear) =>
        writer.Fused(
            node,
            "linear",
            residual: null,
            linear.Activation,
            output =>
                writer.Node(
                    "Gemm",
                    [node.Inputs[0], .. linear.Parameters.Select(use => writer.Parameter(use.Name))],
                    output,
                    Attributes.Integer("transB", 1)
                )
        );

    private static void WritePool2d(GraphWriter writer, GraphNode node, Pool2d pool)
    {
        if (pool.Kind == PoolKind.Maximum)
            writer.Node("MaxPool", node.Inputs, node.Name, Attributes.Window(pool.Window, withDilation: true));
        else if (pool.Overhang == default)
            WriteAverage(writer, node.Inputs[0], node.Name, pool.Window, pool.CountIncludesPadding);
        else
            WriteOverhang(writer, node, pool);
    }

    // The padding that counts becomes elements, what hangs over stays padding. ceil_mode would say the same, but engines differ in what
    // they count.
    private static void WriteOverhang(GraphWriter writer, GraphNode node, Pool2d pool)
    {
        var padded = writer.UniqueName($"{node.Name}.padded");
        var padding = pool.Window.Padding;
        WritePad(
            writer,
            padding with
            {
                Bottom = padding.Bottom - pool.Overhang.Height,
                Right = padding.Right - pool.Overhang.Width,
            },
            0,
            node.Inputs[0],
            padded
        );
        var window = pool.Window with { Padding = new Padding(0, 0, pool.Overhang.Height, pool.Overhang.Width) };
        WriteAverage(writer, padded, node.Name, window, countsPadding: false);
    }

    private static void WriteAverage(GraphWriter writer, string input, string output, Window window, bool countsPadding) =>
        writer.Node(
            "AveragePool",
            [input],
            output,
            [.. Attributes.Window(window, withDilation: false), Attributes.Integer("count_include_pad", countsPadding ? 1 : 0)]
        );
}
