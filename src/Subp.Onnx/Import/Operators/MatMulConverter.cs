using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>MatMul of a computed vector per image with a constant matrix.</summary>
internal sealed class MatMulConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("MatMul", "linear", "[batch, in] times a constant [in, out]; an Add of a constant after it becomes the bias.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var input = node.Value(0);
        var (weight, features) = LinearWeight.Declare(node, node.Constant(1, "weight"), isTransposed: false, factor: 1);
        var (output, bias) = Bias.Find(node, given: null, features, trailing: 0);
        node.EmitAs(output, new Linear { Weight = weight, Bias = bias }, input);
    }
}
