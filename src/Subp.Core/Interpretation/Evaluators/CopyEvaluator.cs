using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>
/// Operators that put elements of the input elsewhere: the index of each element of the result follows from a step per axis.
/// </summary>
internal static class CopyEvaluator
{
    public static void Slice(Slice slice, Arguments arguments)
    {
        var strides = TensorStrides.RowMajor(arguments.InputShape());
        var start = slice.Begin * strides[slice.Axis];
        strides[slice.Axis] *= slice.Step;
        Copy(arguments, StridedIndex.Of(arguments.OutputShape.Dimensions, strides, start));
    }

    public static void Transpose(Transpose transpose, Arguments arguments)
    {
        var strides = TensorStrides.RowMajor(arguments.InputShape());
        Copy(arguments, StridedIndex.Of(arguments.OutputShape.Dimensions, [.. transpose.Permutation.Select(axis => strides[axis])]));
    }

    public static void Tile(Arguments arguments) =>
        Copy(arguments, Mapped(arguments, (axis, index) => index % arguments.InputShape()[axis]));

    public static void Gather(Gather gather, Arguments arguments) =>
        Copy(arguments, Mapped(arguments, (axis, index) => axis == gather.Axis ? gather.Indices[index] : index));

    public static void Pad(Pad pad, Arguments arguments)
    {
        var shape = arguments.InputShape();
        arguments.Output.AsSpan().Fill(pad.Value);
        Copy(arguments, Mapped(arguments, (axis, index) => Source(pad.Mode, index - pad.Before(axis, shape.Rank), shape[axis])));
    }

    // [batch, block, block, channels, height, width], or channels first, to [batch, channels, height, block, width, block].
    public static void DepthToSpace(DepthToSpace shuffle, Arguments arguments)
    {
        var (shape, block) = (arguments.InputShape(), shuffle.Block);
        var (channels, height, width) = (shape.Channels / block / block, shape.Height, shape.Width);
        var plane = height * width;
        var (row, column, channel) = shuffle.ChannelFirst
            ? (block * plane, plane, block * block * plane)
            : (block * channels * plane, channels * plane, plane);
        Copy(
            arguments,
            StridedIndex.Of([shape.Batch, channels, height, block, width, block], [shape.Channels * plane, channel, width, row, 1, column])
        );
    }

    // [batch, channels, height, block, width, block] to [batch, block, block, channels, height, width].
    public static void SpaceToDepth(SpaceToDepth shuffle, Arguments arguments)
    {
        var (shape, block) = (arguments.InputShape(), shuffle.Block);
        var plane = shape.Height * shape.Width;
        Copy(
            arguments,
            StridedIndex.Of(
                [shape.Batch, block, block, shape.Channels, shape.Height / block, shape.Width / block],
                [shape.Channels * plane, shape.Width, 1, plane, block * shape.Width, block]
            )
        );
    }

    // The index in the input that padding of a mode shows at a position before, in or behind it; below 0 for the constant.
    private static int Source(PadMode mode, int position, int extent)
    {
        if (position >= 0 && position < extent)
            return position;
        return mode switch
        {
            PadMode.Reflect => position < 0 ? -position : (2 * (extent - 1)) - position,
            PadMode.Edge => position < 0 ? 0 : extent - 1,
            PadMode.Wrap => (position + extent) % extent,
            _ => -1,
        };
    }

    // A function of axis and index per axis; an element with a negative index along any axis has no source and gives -1.
    private static int[] Mapped(Arguments arguments, Func<int, int, int> source)
    {
        TensorShape result = arguments.OutputShape;
        var strides = TensorStrides.RowMajor(arguments.InputShape());
        int[] indices = [0];
        for (var axis = 0; axis < result.Rank; axis++)
        {
            int[] sources = [.. Enumerable.Range(0, result[axis]).Select(index => source(axis, index))];
            var next = new int[indices.Length * sources.Length];
            for (var index = 0; index < next.Length; index++)
            {
                var (outer, own) = (indices[index / sources.Length], sources[index % sources.Length]);
                next[index] = outer < 0 || own < 0 ? -1 : outer + (own * strides[axis]);
            }

            indices = next;
        }

        return indices;
    }

    private static void Copy(Arguments arguments, int[] indices)
    {
        var (input, output) = (arguments.Input(), arguments.Output);
        for (var index = 0; index < output.Length; index++)
        {
            if (indices[index] >= 0)
                output[index] = input[indices[index]];
        }
    }
}
