using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Every taken index of the axis copies the elements below it, for all positions above it.</summary>
internal static class SliceEvaluator
{
    public static void Evaluate(Slice slice, Arguments arguments)
    {
        var shape = arguments.InputShape();
        var inner = 1;
        for (var axis = slice.Axis + 1; axis < shape.Rank; axis++)
            inner *= shape[axis];
        var taken = arguments.OutputShape[slice.Axis];
        for (var row = 0; row < arguments.Output.Length / inner; row++)
        {
            var source = (row / taken * shape[slice.Axis]) + slice.Begin + (row % taken * slice.Step);
            Array.Copy(arguments.Input(), source * inner, arguments.Output, row * inner, inner);
        }
    }
}
