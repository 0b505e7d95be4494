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
        [typeof(ArgExtreme)] = (writer, node) => ReductionWriters.WriteArgExtreme(writer, node, (ArgExtreme)node.Operator),
        [typeof(Binary)] = (writer, node) => ElementwiseWriters.WriteBinary(writer, node, (Binary)node.Operator),
        [typeof(ChannelShuffle)] = (writer, node) => WriteChannelShuffle(writer, node, (ChannelShuffle)node.Operator),
        [typeof(Concat)] = (writer, node) =>
            writer.Node("Concat", node.Inputs, node.Name, Attributes.Integer("axis", ((Concat)node.Operator).Axis)),
        [typeof(Constant)] = (writer, node) => writer.Node("Identity", [writer.Parameter(((Constant)node.Operator).Value)], node.Name),
        [typeof(Conv2d)] = (writer, node) => WriteConv2d(writer, node, (Conv2d)node.Operator),
        [typeof(ConvTranspose2d)] = (writer, node) => WriteConvTranspose2d(writer, node, (ConvTranspose2d)node.Operator),
        [typeof(DepthToSpace)] = (writer, node) =>
            writer.Node(
                "DepthToSpace",
                node.Inputs,
                node.Name,
                Attributes.Integer("blocksize", ((DepthToSpace)node.Operator).Block),
                Attributes.Text("mode", ((DepthToSpace)node.Operator).ChannelFirst ? "CRD" : "DCR")
            ),
        [typeof(Dequantize)] = (writer, node) =>
            writer.Node(
                "DequantizeLinear",
                [node.Inputs[0], .. writer.Quantization(node.Name, writer.TypeOf(node.Inputs[0]).Quantization!)],
                node.Name
            ),
        [typeof(Flatten)] = (writer, node) => writer.Node("Flatten", node.Inputs, node.Name, Attributes.Integer("axis", 1)),
        [typeof(Gather)] = (writer, node) => MovingWriters.WriteGather(writer, node, (Gather)node.Operator),
        [typeof(GlobalAveragePool)] = (writer, node) => writer.Node("GlobalAveragePool", node.Inputs, node.Name),
        [typeof(Linear)] = (writer, node) => WriteLinear(writer, node, (Linear)node.Operator),
        [typeof(LocalResponseNorm)] = (writer, node) =>
            ReductionWriters.WriteLocalResponseNorm(writer, node, (LocalResponseNorm)node.Operator),
        [typeof(MatMul)] = (writer, node) => writer.Node("MatMul", node.Inputs, node.Name),
        [typeof(Mul)] = (writer, node) =>
            writer.Fused(node, "mul", residual: null, ((Mul)node.Operator).Activation, output => writer.Node("Mul", node.Inputs, output)),
        [typeof(Normalize)] = (writer, node) => NormalizeWriter.Write(writer, node, (Normalize)node.Operator),
        [typeof(Pad)] = (writer, node) => MovingWriters.WritePad(writer, node, (Pad)node.Operator),
        [typeof(Pool2d)] = (writer, node) => WritePool2d(writer, node, (Pool2d)node.Operator),
        [typeof(Recurrence)] = (writer, node) => RecurrenceWriter.Write(writer, node, (Recurrence)node.Operator),
        [typeof(Reduce)] = (writer, node) => ReductionWriters.WriteReduce(writer, node, (Reduce)node.Operator),
        [typeof(Quantize)] = (writer, node) =>
            writer.Node("QuantizeLinear", [node.Inputs[0], .. writer.Quantization(node.Name, node.Type.Quantization!)], node.Name),
        [typeof(Reshape)] = (writer, node) =>
            writer.Node(
                "Reshape",
                [node.Inputs[0], writer.Integers($"{node.Name}.shape", [.. node.Shape.Dimensions.Select(extent => (long)extent)])],
                node.Name
            ),
        [typeof(Resize)] = (writer, node) => MovingWriters.WriteResize(writer, node, (Resize)node.Operator),
        [typeof(Slice)] = (writer, node) => MovingWriters.WriteSlice(writer, node, (Slice)node.Operator),
        [typeof(Softmax)] = (writer, node) =>
            writer.Node(
                ((Softmax)node.Operator).IsLogarithm ? "LogSoftmax" : "Softmax",
                node.Inputs,
                node.Name,
                Attributes.Integer("axis", ((Softmax)node.Operator).Axis)
            ),
        [typeof(SpaceToDepth)] = (writer, node) =>
            writer.Node("SpaceToDepth", node.Inputs, node.Name, Attributes.Integer("blocksize", ((SpaceToDepth)node.Operator).Block)),
        [typeof(Take)] = (writer, node) => MovingWriters.WriteTake(writer, node, (Take)node.Operator),
        [typeof(TakeElements)] = (writer, node) => MovingWriters.WriteTakeElements(writer, node, (TakeElements)node.Operator),
        [typeof(TakeTuples)] = (writer, node) => MovingWriters.WriteTakeTuples(writer, node, (TakeTuples)node.Operator),
        [typeof(Tile)] = (writer, node) =>
            writer.Node(
                "Tile",
                [
                    node.Inputs[0],
                    writer.Integers($"{node.Name}.repeats", [.. ((Tile)node.Operator).Repeats.Select(repeat => (long)repeat)]),
                ],
                node.Name
            ),
        [typeof(TopIndices)] = (writer, node) => ReductionWriters.WriteTopIndices(writer, node, (TopIndices)node.Operator),
        [typeof(Transpose)] = (writer, node) =>
            writer.Node(
                "Transpose",
                node.Inputs,
                node.Name,
                Attributes.Integers("perm", ((Transpose)node.Operator).Permutation.Select(axis => (long)axis))
            ),
        [typeof(Where)] = (writer, node) => ElementwiseWriters.WriteWhere(writer, node),

        // Layouts are a matter of the compiled code; in ONNX every value is NCHW.
        [typeof(PooledConv2d)] = WritePooled,
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
        if (RecurrenceWriter.IsProjection(writer, node))
            writer.LeaveOut(node);
        else
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

    // Two nodes, as it was before the compiler made one of them.
    private static void WritePooled(GraphWriter writer, GraphNode node)
    {
        var pooled = (PooledConv2d)node.Operator;
        var between = writer.UniqueName($"{node.Name}.convolved");
        WriteConv2d(writer, node with { Name = between }, pooled.Convolution);
        WritePool2d(writer, node with { Inputs = [between] }, pooled.Pool);
    }

    private static void WriteConvTranspose2d(GraphWriter writer, GraphNode node, ConvTranspose2d conv) =>
        writer.Fused(
            node,
            "conv",
            residual: null,
            conv.Activation,
            output =>
                writer.Node(
                    "ConvTranspose",
                    [node.Inputs[0], .. conv.Parameters.Select(use => writer.Parameter(use.Name))],
                    output,
                    [
                        Attributes.Integer("group", conv.Groups),
                        Attributes.Integers("output_padding", conv.OutputPadding.Height, conv.OutputPadding.Width),
                        .. Attributes.Window(conv.Window, withDilation: true),
                    ]
                )
        );

    // Gemm takes matrices only; over other ranks the weight is transposed by a node, which every engine folds.
    private static void WriteLinear(GraphWriter writer, GraphNode node, Linear linear) =>
        writer.Fused(
            node,
            "linear",
            residual: null,
            linear.Activation,
            output =>
            {
                if (node.Shape.IsVector)
                {
                    writer.Node(
                        "Gemm",
                        [node.Inputs[0], .. linear.Parameters.Select(use => writer.Parameter(use.Name))],
                        output,
                        Attributes.Integer("transB", 1)
                    );
                    return;
                }

                var weight = writer.UniqueName($"{node.Name}.transposed");
                writer.Node("Transpose", [writer.Parameter(linear.Weight)], weight, Attributes.Integers("perm", 1, 0));
                var product = linear.Bias is null ? output : writer.UniqueName($"{node.Name}.product");
                writer.Node("MatMul", [node.Inputs[0], weight], product);
                if (linear.Bias is not null)
                    writer.Node("Add", [product, writer.Parameter(linear.Bias)], output);
            }
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
        MovingWriters.WritePadding(
            writer,
            padding with
            {
                Bottom = padding.Bottom - pool.Overhang.Height,
                Right = padding.Right - pool.Overhang.Width,
            },
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
