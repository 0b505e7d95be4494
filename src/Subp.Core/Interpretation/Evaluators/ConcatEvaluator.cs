using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>For every position above the axis, the part of each input in turn.</summary>
internal static class ConcatEvaluator
{
    public static void Evaluate(Concat concat, Arguments arguments) => Evaluate(concat, arguments, (_, value) => value);

    /// <summary>The same with a function of the number of the input and an element of it.</summary>
    public static void Evaluate(Concat concat, Arguments arguments, Func<int, double, double> function)
    {
        var target = 0;
        var outer = 1;
        for (var axis = 0; axis < concat.Axis; axis++)
            outer *= arguments.OutputShape[axis];
        for (var position = 0; position < outer; position++)
        {
            for (var index = 0; index < arguments.InputCount; index++)
            {
                var input = arguments.Input(index);
                var length = input.Length / outer;
                foreach (var value in input.AsSpan(position * length, length))
                    arguments.Output[target++] = function(index, value);
            }
        }
    }
}
