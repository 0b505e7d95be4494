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
        [typeof(Activate)] = (writer, node) => writer.Clamp(((Activate)node.Operator).Activation, node.Inputs[0], node.Name),
        [typeof(Conv2d)] = (writer, node) => WriteConv2d(writer, node, (Conv2d)node.Operator),
        [typeof(Flatten)] = (writer, node) => writer.Node("Flatten", node.Inputs, node.Name, Attributes.Integer("axis", 1)),
        [typeof(GlobalAveragePool)] = (writer, node) => writer.Node("GlobalAveragePool", node.Inputs, node.Name),
        [typeof(Linear)] = (writer, node) => WriteLinear(writer, node, (Linear)node.Operator),
        [typeof(Pool2d)] = (writer, node) => WritePool2d(writer, node, (Pool2d)node.Operator),
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
            throw new SubpException(DiagnosticDescriptors.OnnxUnsupportedOperator, $"node '{node.Name}'", node.Operator.Mnemonic, "an operator with an ONNX form");
        write(writer, node);
    }

    private static void WriteAdd(GraphWriter writer, GraphNode node, Add add) =>
        writer.Fused(node, "add", residual: null, add.Activation, output => writer.Node("Add", node.Inputs, output));

    private static void WriteBatchNorm(GraphWriter writer, GraphNode node, BatchNorm norm) => writer.Node("BatchNormalization",
        [node.Inputs[0], .. norm.Parameters.Select(use => writer.Parameter(use.Name))], node.Name, Attributes.Real("epsilon", norm.Epsilon));

    private static void WriteConv2d(GraphWriter writer, GraphNode node, Conv2d conv)
    {
        var residual = node.Inputs.Count == 2 ? node.Inputs[1] : null;
        writer.Fused(node, "conv", residual, conv.Activation, output => writer.Node("Conv",
            [node.Inputs[0], .. conv.Parameters.Select(use => writer.Parameter(use.Name))], output,
            [Attributes.Integer("group", conv.Groups), .. Attributes.Window(conv.Window, withDilation: true)]));
    }

    private static void WriteLinear(GraphWriter writer, GraphNode node, Linear linear) =>
        writer.Fused(node, "linear", residual: null, linear.Activation, output => writer.Node("Gemm",
            [node.Inputs[0], .. linear.Parameters.Select(use => writer.Parameter(use.Name))], output, Attributes.Integer("transB", 1)));

    private static void WritePool2d(GraphWriter writer, GraphNode node, Pool2d pool)
    {
        if (pool.Kind == PoolKind.Maximum)
            writer.Node("MaxPool", node.Inputs, node.Name, Attributes.Window(pool.Window, withDilation: true));
        else
            writer.Node("AveragePool", node.Inputs, node.Name,
                [.. Attributes.Window(pool.Window, withDilation: false), Attributes.Integer("count_include_pad", pool.CountIncludesPadding ? 1 : 0)]);
    }
}
