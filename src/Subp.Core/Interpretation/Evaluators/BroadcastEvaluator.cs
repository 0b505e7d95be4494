using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Element-wise functions of two or three values, each repeated along the axes that it lacks.</summary>
internal static class BroadcastEvaluator
{
    public static void Add(Add add, Arguments arguments) => Combine(arguments, (left, right) => add.Activation.Apply(left + right));

    public static void Multiply(Mul product, Arguments arguments) =>
        Combine(arguments, (left, right) => product.Activation.Apply(left * right));

    public static void Combine(Arguments arguments, Func<double, double, double> function)
    {
        var (left, right, output) = (arguments.Input(), arguments.Input(1), arguments.Output);
        var (leftAt, rightAt) = (Indices(arguments, 0), Indices(arguments, 1));
        for (var index = 0; index < output.Length; index++)
            output[index] = function(left[leftAt[index]], right[rightAt[index]]);
    }

    public static void Select(Arguments arguments)
    {
        var (mask, left, right, output) = (arguments.Input(), arguments.Input(1), arguments.Input(2), arguments.Output);
        var (maskAt, leftAt, rightAt) = (Indices(arguments, 0), Indices(arguments, 1), Indices(arguments, 2));
        for (var index = 0; index < output.Length; index++)
            output[index] = mask[maskAt[index]] != 0 ? left[leftAt[index]] : right[rightAt[index]];
    }

    public static int[] Indices(Arguments arguments, int input) =>
        StridedIndex.Of(arguments.OutputShape.Dimensions, TensorStrides.Broadcast(arguments.InputShape(input), arguments.OutputShape));
}
