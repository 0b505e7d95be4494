using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Operators that take elements at indices which the network computes: each index is checked before anything is read.</summary>
internal static class IndexedCopyEvaluator
{
    public static void Take(Take take, Arguments arguments)
    {
        var (shape, indices, output) = (arguments.InputShape(), arguments.Input(1), arguments.Output);
        var (extent, inner) = (shape[take.Axis], StridedIndex.Inner(shape, take.Axis));
        for (var row = 0; row < output.Length / inner; row++)
        {
            var own = Index(arguments, indices[row % indices.Length], extent);
            Array.Copy(arguments.Input(), ((row / indices.Length * extent) + own) * inner, output, row * inner, inner);
        }
    }

    public static void TakeElements(TakeElements take, Arguments arguments)
    {
        var (shape, input, indices) = (arguments.InputShape(), arguments.Input(), arguments.Input(1));
        var strides = TensorStrides.RowMajor(shape);
        var stride = strides[take.Axis];
        strides[take.Axis] = 0;
        var places = StridedIndex.Of(arguments.OutputShape.Dimensions, strides);
        for (var element = 0; element < places.Length; element++)
            arguments.Output[element] = input[places[element] + (Index(arguments, indices[element], shape[take.Axis]) * stride)];
    }

    public static void TakeTuples(TakeTuples take, Arguments arguments)
    {
        var (shape, indices, output) = (arguments.InputShape(), arguments.Input(1), arguments.Output);
        var length = arguments.InputShape(1).Dimensions.Last();
        var inner = StridedIndex.Inner(shape, take.BatchDimensions + length - 1);
        var perBatch =
            indices.Length / length / shape.Dimensions.Take(take.BatchDimensions).Aggregate(1, (count, extent) => count * extent);
        for (var row = 0; row < output.Length / inner; row++)
        {
            var place = row / perBatch;
            for (var axis = 0; axis < length; axis++)
            {
                var extent = shape[take.BatchDimensions + axis];
                place = (place * extent) + Index(arguments, indices[(row * length) + axis], extent);
            }

            Array.Copy(arguments.Input(), place * inner, output, row * inner, inner);
        }
    }

    // An index from the front.
    private static int Index(Arguments arguments, double index, int extent)
    {
        // Not the other way round: what is no number is no index either.
        if (!(index >= -extent && index < extent))
            throw new SubpException(
                DiagnosticDescriptors.IndexOutside,
                arguments.Place,
                FormattableString.Invariant($"the index {index}"),
                FormattableString.Invariant($"a whole number from {-extent} to {extent - 1}")
            );
        return index < 0 ? (int)index + extent : (int)index;
    }
}
