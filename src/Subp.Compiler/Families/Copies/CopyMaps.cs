using Subp.Compiler.Families.Loops;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Copies;

/// <summary>Where the elements of each copying operator come from.</summary>
internal static class CopyMaps
{
    /// <summary>Adds the pieces of a node.</summary>
    public static void Add(CopyMap map, FamilyRequest request)
    {
        var result = request.Node.Shape;
        switch (request.Node.Operator)
        {
            case Concat concat:
                AddJoined(map, request, concat.Axis);
                break;
            case Transpose transpose:
                var strides = TensorStrides.RowMajor(request.InputShape(0));
                map.Add(0, result.Dimensions, new(0, [.. transpose.Permutation.Select(axis => strides[axis])]), Dense(result));
                break;
            case Slice slice:
                map.AddByAxis(
                    0,
                    request.InputShape(0),
                    result,
                    (axis, index) => axis == slice.Axis ? slice.Begin + (index * slice.Step) : index
                );
                break;
            case Gather gather:
                map.AddByAxis(0, request.InputShape(0), result, (axis, index) => axis == gather.Axis ? gather.Indices[index] : index);
                break;
            case Pad pad:
                AddPadded(map, pad, request.InputShape(0), result);
                break;
            case Tile:
                AddRepeated(map, request.InputShape(0), result);
                break;
            case Resize resize:
                AddNearest(map, resize, request.InputShape(0), result);
                break;
            case DepthToSpace shuffle:
                AddDepthToSpace(map, shuffle, request.InputShape(0));
                break;
            case SpaceToDepth shuffle:
                AddSpaceToDepth(map, shuffle.Block, request.InputShape(0));
                break;
            case ChannelShuffle shuffle:
                AddShuffled(map, shuffle.Groups, result);
                break;
            default:
                // Other dimensions, or other memory: the elements follow each other as before.
                map.Add(0, [result.ElementCount], new(0, [1]), new(0, [1]));
                break;
        }
    }

    private static LoopOperand Dense(TensorShape shape) => new(0, TensorStrides.RowMajor(shape));

    // The pieces lie one behind the other along the axis.
    private static void AddJoined(CopyMap map, FamilyRequest request, int axis)
    {
        var target = TensorStrides.RowMajor(request.Node.Shape);
        var start = 0;
        for (var input = 0; input < request.Node.Inputs.Count; input++)
        {
            var shape = request.InputShape(input);
            map.Add(input, shape.Dimensions, Dense(shape), new(start * target[axis], target));
            start += shape[axis];
        }
    }

    private static void AddPadded(CopyMap map, Pad pad, TensorShape shape, TensorShape result) =>
        map.AddByAxis(
            0,
            shape,
            result,
            (axis, index) =>
            {
                var (position, extent) = (index - pad.Before(axis, shape.Rank), shape[axis]);
                if (position >= 0 && position < extent)
                    return position;
                return pad.Mode switch
                {
                    PadMode.Reflect => position < 0 ? -position : (2 * (extent - 1)) - position,
                    PadMode.Edge => position < 0 ? 0 : extent - 1,
                    PadMode.Wrap => (position + extent) % extent,
                    _ => -1,
                };
            }
        );

    // Two axes for each of the value: which repetition, and which index in it.
    private static void AddRepeated(CopyMap map, TensorShape shape, TensorShape result)
    {
        var (own, target) = (TensorStrides.RowMajor(shape), TensorStrides.RowMajor(result));
        var axes = Enumerable.Range(0, shape.Rank).ToArray();
        map.Add(
            0,
            [.. axes.SelectMany(axis => new[] { result[axis] / shape[axis], shape[axis] })],
            new(0, [.. axes.SelectMany(axis => new[] { 0, own[axis] })]),
            new(0, [.. axes.SelectMany(axis => new[] { shape[axis] * target[axis], target[axis] })])
        );
    }

    private static void AddNearest(CopyMap map, Resize resize, TensorShape shape, TensorShape result)
    {
        var taps = Enumerable.Range(0, result.Rank).Select(axis => ResizeTaps.Of(resize, axis, shape[axis])).ToArray();
        map.AddByAxis(0, shape, result, (axis, index) => taps[axis][index].Count == 0 ? -1 : taps[axis][index][0].Index);
    }

    // [batch, block, block, channels, height, width], or channels first, to [batch, channels, height, block, width, block].
    private static void AddDepthToSpace(CopyMap map, DepthToSpace shuffle, TensorShape shape)
    {
        var block = shuffle.Block;
        var (channels, plane) = (shape.Channels / block / block, shape.Height * shape.Width);
        var (row, column, channel) = shuffle.ChannelFirst
            ? (block * plane, plane, block * block * plane)
            : (block * channels * plane, channels * plane, plane);
        var width = shape.Width * block;
        map.Add(
            0,
            [shape.Batch, channels, shape.Height, block, shape.Width, block],
            new(0, [shape.Channels * plane, channel, shape.Width, row, 1, column]),
            new(0, [shape.Channels * plane, plane * block * block, block * width, width, block, 1])
        );
    }

    // [batch, channels, height, block, width, block] to [batch, block, block, channels, height, width].
    private static void AddSpaceToDepth(CopyMap map, int block, TensorShape shape)
    {
        var (height, width) = (shape.Height / block, shape.Width / block);
        var (plane, all) = (shape.Height * shape.Width, shape.Channels * height * width);
        map.Add(
            0,
            [shape.Batch, block, block, shape.Channels, height, width],
            new(0, [shape.Channels * plane, shape.Width, 1, plane, block * shape.Width, block]),
            new(0, [shape.Channels * plane, block * all, all, height * width, width, 1])
        );
    }

    // Channel c of the result is channel c / groups of group c % groups.
    private static void AddShuffled(CopyMap map, int groups, TensorShape shape)
    {
        var inner = shape.ElementCount / shape[0] / shape[1];
        var perGroup = shape[1] / groups;
        map.Add(
            0,
            [shape[0], perGroup, groups, inner],
            new(0, [shape[1] * inner, inner, perGroup * inner, 1]),
            new(0, [shape[1] * inner, groups * inner, inner, 1])
        );
    }
}
