using Subp.Core.Diagnostics;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Folding;

/// <summary>
/// Computes at import what depends on constants and on the static shapes of values only, on constants of any rank: the arithmetic that
/// exporters write around reshapes and paddings, and weights that are turned, normalised, joined or dequantised. The size of every result
/// is bounded before it is allocated, see <see cref="FoldContext.Count"/>.
/// </summary>
internal static class ConstantFolding
{
    private static readonly Dictionary<string, Func<FoldContext, FoldedTensor>> Folds = new(StringComparer.Ordinal)
    {
        ["Abs"] = context => ElementFolds.Unary(context, value => checked(Math.Abs(value)), MathF.Abs),
        ["Add"] = context => ElementFolds.Binary(context, (a, b) => checked(a + b), (a, b) => a + b),
        ["And"] = context => LogicFolds.Logic(context, (a, b) => a & b),
        ["BatchNormalization"] = NormalizationFolds.Batch,
        ["Cast"] = CastFolds.Cast,
        ["CastLike"] = CastFolds.CastLike,
        ["Ceil"] = context => ElementFolds.Unary(context, null, MathF.Ceiling),
        ["Clip"] = ElementFolds.Clip,
        ["Concat"] = MovingFolds.Concat,
        ["ConstantOfShape"] = FillingFolds.ConstantOfShape,
        ["Cos"] = context => ElementFolds.Unary(context, null, MathF.Cos),
        ["DequantizeLinear"] = CastFolds.Dequantize,
        ["Div"] = context => ElementFolds.Binary(context, context.Divide, (a, b) => a / b),
        ["Equal"] = context => LogicFolds.Compare(context, (a, b) => a == b, (a, b) => a == b, allowsTruth: true),
        ["Exp"] = context => ElementFolds.Unary(context, null, MathF.Exp),
        ["Expand"] = FillingFolds.Expand,
        ["EyeLike"] = FillingFolds.EyeLike,
        ["Flatten"] = MovingFolds.Flatten,
        ["Floor"] = context => ElementFolds.Unary(context, null, MathF.Floor),
        ["Gather"] = MovingFolds.Gather,
        ["Greater"] = context => LogicFolds.Compare(context, (a, b) => a > b, (a, b) => a > b),
        ["GreaterOrEqual"] = context => LogicFolds.Compare(context, (a, b) => a >= b, (a, b) => a >= b),
        ["HardSwish"] = context => ElementFolds.Unary(context, null, value => (float)Activation.HardSwish.Apply(value)),
        ["Less"] = context => LogicFolds.Compare(context, (a, b) => a < b, (a, b) => a < b),
        ["LessOrEqual"] = context => LogicFolds.Compare(context, (a, b) => a <= b, (a, b) => a <= b),
        ["Log"] = context => ElementFolds.Unary(context, null, MathF.Log),
        ["Max"] = context => ElementFolds.Variadic(context, Math.Max, MathF.Max),
        ["Min"] = context => ElementFolds.Variadic(context, Math.Min, MathF.Min),
        ["Mod"] = ElementFolds.Mod,
        ["Mul"] = context => ElementFolds.Binary(context, (a, b) => checked(a * b), (a, b) => a * b),
        ["Neg"] = context => ElementFolds.Unary(context, value => checked(-value), value => -value),
        ["NonZero"] = LogicFolds.NonZero,
        ["Not"] = LogicFolds.Not,
        ["Or"] = context => LogicFolds.Logic(context, (a, b) => a | b),
        ["Pow"] = ElementFolds.Power,
        ["QuantizeLinear"] = CastFolds.Quantize,
        ["Range"] = FillingFolds.Range,
        ["Reciprocal"] = context => ElementFolds.Unary(context, null, value => 1 / value),
        ["ReduceL2"] = context => ReductionFolds.Reduce(context, null, values => Math.Sqrt(values.Sum(value => value * value)), 18),
        ["ReduceMax"] = context => ReductionFolds.Reduce(context, values => values.Max(), ReductionFolds.Largest, 18),
        ["ReduceMean"] = context => ReductionFolds.Reduce(context, null, values => values.Average(), 18),
        ["ReduceMin"] = context => ReductionFolds.Reduce(context, values => values.Min(), ReductionFolds.Smallest, 18),
        ["ReduceProd"] = context =>
            ReductionFolds.Reduce(
                context,
                values => values.Aggregate(1L, (a, b) => checked(a * b)),
                values => values.Aggregate(1.0, (a, b) => a * b),
                18
            ),
        ["ReduceSum"] = context => ReductionFolds.Reduce(context, values => values.Sum(), values => values.Sum(), 13),
        ["ReduceSumSquare"] = context =>
            ReductionFolds.Reduce(
                context,
                values => values.Sum(value => checked(value * value)),
                values => values.Sum(value => value * value),
                18
            ),
        ["Relu"] = context => ElementFolds.Unary(context, value => Math.Max(value, 0), value => MathF.Max(value, 0)),
        ["Reshape"] = MovingFolds.Reshape,
        ["Round"] = context => ElementFolds.Unary(context, null, MathF.Round),
        ["Shape"] = FillingFolds.Shape,
        ["Sigmoid"] = context => ElementFolds.Unary(context, null, value => (float)Activation.Sigmoid.Apply(value)),
        ["Sign"] = context =>
            ElementFolds.Unary(context, value => Math.Sign(value), value => float.IsNaN(value) ? value : MathF.Sign(value)),
        ["Sin"] = context => ElementFolds.Unary(context, null, MathF.Sin),
        ["Size"] = FillingFolds.Size,
        ["Slice"] = MovingFolds.Slice,
        ["Sqrt"] = context => ElementFolds.Unary(context, null, MathF.Sqrt),
        ["Squeeze"] = MovingFolds.Squeeze,
        ["Sub"] = context => ElementFolds.Binary(context, (a, b) => checked(a - b), (a, b) => a - b),
        ["Sum"] = context => ElementFolds.Variadic(context, (a, b) => checked(a + b), (a, b) => a + b),
        ["Tanh"] = context => ElementFolds.Unary(context, null, MathF.Tanh),
        ["Tile"] = FillingFolds.Tile,
        ["Transpose"] = MovingFolds.Transpose,
        ["Unsqueeze"] = MovingFolds.Unsqueeze,
        ["Where"] = LogicFolds.Where,
        ["Xor"] = context => LogicFolds.Logic(context, (a, b) => a ^ b),
    };

    // What is only moved, or is real already, is still made of whole multiples of the scales with which it was dequantised.
    private static readonly HashSet<string> KeepsScales = new(StringComparer.Ordinal)
    {
        "Cast",
        "CastLike",
        "Flatten",
        "Gather",
        "Reshape",
        "Slice",
        "Split",
        "Squeeze",
        "Transpose",
        "Unsqueeze",
    };

    /// <summary>Says what the outputs of a node are where they are known at import; false where they are not.</summary>
    /// <exception cref="SubpException">They are known, but not valid: an overflow, a division by zero, an index out of range.</exception>
    public static bool TryFold(NodeContext node)
    {
        var type = node.Node.OpType;
        if (OperatorTable.Find(node.Node) is null || !IsKnown(node, type) || IsOldForm(node, type))
            return false;
        try
        {
            var context = new FoldContext(node);
            if (type == "Split")
            {
                var parts = MovingFolds.Split(context);
                for (var index = 0; index < parts.Count; index++)
                    Define(node, index, parts[index]);
            }
            else if (Folds.TryGetValue(type, out var fold))
            {
                Define(node, 0, fold(context));
            }
            else
            {
                return false;
            }

            node.Attributes.RejectOthers();
            return true;
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

    private static bool IsKnown(NodeContext node, string type) =>
        type switch
        {
            // Shapes are static, and what the network computes is real.
            "Shape" or "Size" or "EyeLike" => node.InputCount > 0,
            "CastLike" => node.IsConstant(0),
            _ => node.InputCount > 0 && node.AllInputsAreConstant,
        };

    // What an operator meant before opset 7, and no longer means, is told by its converter.
    private static bool IsOldForm(NodeContext node, string type) =>
        node.Opset < OldBroadcast.NumpyOpset
        && (node.Node.Attribute.Any(attribute => attribute.Name == OldBroadcast.Attribute) || (type == "Concat" && node.Opset < 4));

    private static void Define(NodeContext node, int index, FoldedTensor result)
    {
        node.ChargeFolded(result.Count);
        node.DefineConstant(index, result.ToProto());
        if (KeepsScales.Contains(node.Node.OpType))
            node.KeepScales(input: 0, output: index);
    }
}
