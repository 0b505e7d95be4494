using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Gemm with a constant second operand: y = alpha * x * B + beta * C.</summary>
internal sealed class GemmConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Gemm",
            "linear",
            "Constant B, transposed or not; transA = 1 only for a transposed input; constant C of one number per output feature or one "
                + "for all; alpha and beta go into the weights."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        var alpha = node.Attributes.Real("alpha", 1);
        var beta = node.Attributes.Real("beta", 1);
        var isTransposed = node.Attributes.Switch("transB", false);
        var input = node.Attributes.Switch("transA", false) ? Turned(node) : node.Value(0);
        var matrix = node.Constant(1, "weight");
        var (weight, features) = LinearWeight.Declare(node, matrix, isTransposed, alpha);
        var (output, bias) = Bias.Find(node, node.OptionalConstant(2, "bias"), features, trailing: 0, beta);
        node.EmitAs(output, new Linear { Weight = weight, Bias = bias }, input);
    }

    // A transposed value that the layer transposes back.
    private static GraphValue Turned(NodeContext node) =>
        node.Input(0, "input") is ViewValue { Source.Shape: { Rank: 2 } shape } view
        && view.Shape.SequenceEqual([shape[1], shape[0]])
        && (shape[0] == 1 || view.Permutation is [1, 0])
            ? view.Source
            : throw node.Unsupported("transA = 1", "transA = 0, or an input that a Transpose turned");
}
