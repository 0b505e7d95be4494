using Subp.Core.Diagnostics;

namespace Subp.Onnx.Import.Folding;

/// <summary>
/// Computes at import what depends on constants and on the static shapes of values only: the arithmetic that exporters write around
/// reshapes, and transposed weights. No result has more elements than all its inputs, a small allowance apart, so a small file cannot ask
/// for much memory.
/// </summary>
internal static class ConstantFolding
{
    private const int SmallCount = 1 << 12;

    private static readonly Dictionary<string, Func<FoldContext, FoldedTensor>> Folds = new(StringComparer.Ordinal)
    {
        ["Add"] = context => ArithmeticFolds.Binary(context, (a, b) => checked(a + b), (a, b) => a + b),
        ["Cast"] = ArithmeticFolds.Cast,
        ["Ceil"] = context => ArithmeticFolds.Round(context, MathF.Ceiling),
        ["Concat"] = MovingFolds.Concat,
        ["ConstantOfShape"] = MovingFolds.ConstantOfShape,
        ["Div"] = context => ArithmeticFolds.Binary(context, context.Divide, (a, b) => a / b),
        ["Equal"] = ArithmeticFolds.Equal,
        ["Floor"] = context => ArithmeticFolds.Round(context, MathF.Floor),
        ["Gather"] = MovingFolds.Gather,
        ["Mul"] = context => ArithmeticFolds.Binary(context, (a, b) => checked(a * b), (a, b) => a * b),
        ["Range"] = ArithmeticFolds.Range,
        ["Reshape"] = MovingFolds.Reshape,
        ["Shape"] = MovingFolds.Shape,
        ["Slice"] = MovingFolds.Slice,
        ["Squeeze"] = MovingFolds.Squeeze,
        ["Sub"] = context => ArithmeticFolds.Binary(context, (a, b) => checked(a - b), (a, b) => a - b),
        ["Transpose"] = MovingFolds.Transpose,
        ["Unsqueeze"] = MovingFolds.Unsqueeze,
        ["Where"] = ArithmeticFolds.Where,
    };

    /// <summary>The value of the node's output where it is known at import, else null.</summary>
    /// <exception cref="SubpException">It is known, but not valid: an overflow, a division by zero, an index out of range.</exception>
    public static ConstantValue? TryFold(NodeContext node)
    {
        var type = node.Node.OpType;
        if (
            !ModelParser.IsStandardDomain(node.Node.Domain)
            || !Folds.TryGetValue(type, out var fold)
            || node.InputCount == 0
            || !(type == "Shape" || node.AllInputsAreConstant)
        )
            return null;
        try
        {
            var result = fold(new FoldContext(node, SmallCount));
            node.Attributes.RejectOthers();
            node.ChargeFolded(result.Count);
            return new ConstantValue(node.AttributeTensor(result.ToProto()));
        }
        catch (OverflowException)
        {
            throw new SubpException(
                DiagnosticDescriptors.TooLarge,
                node.Label,
                "shape arithmetic that leaves 64 bits",
                "numbers of 64 bits"
            );
        }
    }
}
