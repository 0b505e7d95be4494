using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Gemm with a constant second operand: y = alpha * x * B + beta * C.</summary>
internal sealed class GemmConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Gemm", "linear",
        "transA = 0; constant B, transposed or not; constant C of one number per output feature or one for all; alpha and beta go into the weights.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        if (node.Attributes.Switch("transA", false))
            throw node.Unsupported("transA = 1", "transA = 0");
        var alpha = node.Attributes.Real("alpha", 1);
        var beta = node.Attributes.Real("beta", 1);
        var isTransposed = node.Attributes.Switch("transB", false);
        var input = node.Value(0);
        var matrix = node.Constant(1, "weight");
        var (weight, features) = LinearWeight.Declare(node, matrix, isTransposed, alpha);
        var (output, bias) = Bias.Find(node, node.OptionalConstant(2, "bias"), features, trailing: 0, beta);
        node.EmitAs(output, new Linear { Weight = weight, Bias = bias }, input);
    }
}
