using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Sorts all elements of an axis and names the first of them.</summary>
internal static class TopIndicesEvaluator
{
    public static void Evaluate(TopIndices top, Arguments arguments)
    {
        var (shape, input) = (arguments.InputShape(), arguments.Input());
        var (extent, inner) = (shape[top.Axis], StridedIndex.Inner(shape, top.Axis));
        for (var row = 0; row < input.Length / extent; row++)
        {
            var (outer, column) = (row / inner, row % inner);
            double Element(int index) => input[(((outer * extent) + index) * inner) + column];
            var order = Enumerable.Range(0, extent).OrderBy(index => double.IsNaN(Element(index)));
            order = top.IsSmallest ? order.ThenBy(Element) : order.ThenByDescending(Element);
            var place = 0;
            foreach (var index in order.ThenBy(index => index).Take(top.Count))
                arguments.Output[(((outer * top.Count) + place++) * inner) + column] = index;
        }
    }
}
