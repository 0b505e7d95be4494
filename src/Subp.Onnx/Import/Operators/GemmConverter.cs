using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Gemm: y = alpha * A * B + beta * C; a fully connected layer where B is constant.</summary>
internal sealed class GemmConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Gemm",
            "linear for a constant B, else matmul; transpose, mul and add where they are needed",
            "Any A, B and C, transposed or not; alpha and beta go into constants."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        if (node.Opset < OldBroadcast.NumpyOpset)
            node.Attributes.Ignore("broadcast");
        var alpha = node.Attributes.Real("alpha", 1);
        var beta = node.Attributes.Real("beta", 1);
        var isTransposed = node.Attributes.Switch("transB", false);
        var input = node.Attributes.Switch("transA", false) ? Turned(node) : Matrix(node, node.Value(0));
        if (node.IsConstant(1) && input.Constant is null)
            Layer(node, input, alpha, beta, isTransposed);
        else
            General(node, input, alpha, beta, isTransposed);
    }

    private static void Layer(NodeContext node, GraphValue input, float alpha, float beta, bool isTransposed)
    {
        var (weight, features) = LinearWeight.Declare(node, node.Constant(1, "weight"), isTransposed, alpha);
        var summand = node.HasInput(2) ? node.Value(2, "summand") : null;
        if (summand is null || (summand.Constant is { } constant && Bias.Fits(constant, features)))
        {
            var (output, bias) = Bias.Find(node, summand?.Constant, features, trailing: 0, beta);
            node.EmitAs(output, new Linear { Weight = weight, Bias = bias }, input);
            return;
        }

        var product = node.EmitIntermediate("product", new Linear { Weight = weight }, input);
        node.Emit(new Add(), product, Scaled(node, "beta", summand, beta));
    }

    private static void General(NodeContext node, GraphValue input, float alpha, float beta, bool isTransposed)
    {
        var right = Matrix(node, node.Value(1, "weight"));
        if (isTransposed)
            right = node.EmitIntermediate("turned", new Transpose { Permutation = new[] { 1, 0 } }, right);
        input = Scaled(node, "alpha", input, alpha);
        if (!node.HasInput(2))
        {
            node.Emit(new MatMul(), input, right);
            return;
        }

        var product = node.EmitIntermediate("product", new MatMul(), input, right);
        node.Emit(new Add(), product, Scaled(node, "beta", node.Value(2, "summand"), beta));
    }

    private static GraphValue Scaled(NodeContext node, string suffix, GraphValue value, float factor) =>
        factor == 1
            ? value
            : node.EmitIntermediate($"{suffix}.product", new Mul(), value, node.ComputedConstant(suffix, new TensorShape(), factor));

    private static GraphValue Matrix(NodeContext node, GraphValue value) =>
        value.Shape.IsVector ? value : throw node.Unsupported($"an operand of shape {value.Shape}", "a matrix");

    // A transposed value that the layer transposes back needs neither.
    private static GraphValue Turned(NodeContext node) =>
        node.Input(0, "input") is ViewValue { Source.Shape: { Rank: 2 } shape } view
        && view.Shape.SequenceEqual([shape[1], shape[0]])
        && (shape[0] == 1 || view.Permutation is [1, 0])
            ? view.Source
            : node.EmitIntermediate("input", new Transpose { Permutation = new[] { 1, 0 } }, Matrix(node, node.Value(0)));
}
