using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Testing;

/// <summary>Operators on values of any rank: what dense kernels compute.</summary>
public sealed partial class RandomGraph
{
    private const int LargestValue = 20_000;

    private string General(string value)
    {
        var shape = _builder.ShapeOf(value);
        if (shape.Rank == 0)
            return Function(value);
        var axis = _random.Next(shape.Rank);
        switch (_random.Next(17))
        {
            case 0:
                return _builder.Node(Name("turned"), new Transpose { Permutation = Shuffled(shape.Rank) }, value);
            case 1:
                var end = _random.Next(shape[axis]) - 1;
                return Slice(value, axis, shape[axis] - 1, end == shape[axis] - 1 ? -1 : end, -_random.Next(1, 3));
            case 2 when shape.ElementCount < LargestValue:
                return _builder.Node(Name("joined"), new Concat { Axis = axis }, value, Function(value));
            case 3 when shape.ElementCount < LargestValue:
                return Padded(value, shape);
            case 4:
                int[] indices = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _random.Next(shape[axis]))];
                return _builder.Node(Name("chosen"), new Gather { Axis = axis, Indices = indices }, value);
            case 5:
                return Reduced(value, shape);
            case 6:
                return _builder.Node(Name("likely"), new Softmax { Axis = axis, IsLogarithm = Chance(1, 4) }, value);
            case 7:
                return _builder.Node(Name("normal"), new Normalize { Axes = Axes(shape.Rank), Epsilon = 0.1f }, value);
            case 8 or 9:
                return Combined(value, shape);
            case 10 when shape.ElementCount < LargestValue:
                return _builder.Node(Name("sized"), Resized(shape, axis), value);
            case 11 when shape.Rank >= 2 && shape.ElementCount < LargestValue / 4:
                return Chance(1, 4) ? Recurrent(value, shape) : Product(value, shape);
            case 12 or 13 or 14 when shape.ElementCount < LargestValue / 4:
                return Pixels(value, shape);
            case 15:
                return _builder.Node(Name("seen"), new Reshape(AnyFactors(shape.ElementCount)), value);
            default:
                return Function(value);
        }
    }

    private string Reduced(string value, TensorShape shape)
    {
        var kind = (ReduceKind)_random.Next((int)ReduceKind.LogSumExp + 1);
        var reduce = new Reduce
        {
            Kind = kind,
            Axes = Axes(shape.Rank),
            KeepDimensions = Chance(1, 2),
        };
        return _builder.Node(Name("reduced"), reduce, kind is ReduceKind.LogSum or ReduceKind.Product ? Bounded(value) : value);
    }

    private string Product(string value, TensorShape shape)
    {
        if (Chance(1, 2))
            return _builder.Node(
                Name("linear"),
                new Linear { Weight = _builder.Parameter(Name("weight"), new TensorShape(_random.Next(1, 40), shape[shape.Rank - 1])) },
                value
            );
        int[] turned = [.. Enumerable.Range(0, shape.Rank)];
        (turned[^1], turned[^2]) = (turned[^2], turned[^1]);
        var transposed = _builder.Node(Name("turned"), new Transpose { Permutation = turned }, value);
        var scaled = _builder.Node(Name("soft"), new Softmax { Axis = shape.Rank - 1 }, value);
        return _builder.Node(Name("matrix"), new MatMul(), scaled, transposed);
    }

    private string Padded(string value, TensorShape shape)
    {
        var mode = (PadMode)_random.Next(4);
        var axes = _random.Next(1, shape.Rank + 1);
        int Most(int axis) =>
            Math.Min(
                3,
                mode switch
                {
                    PadMode.Reflect => shape[axis] - 1,
                    PadMode.Wrap => shape[axis],
                    _ => 3,
                }
            );
        int[] pads = [.. Enumerable.Range(0, 2 * axes).Select(index => _random.Next(Most(shape.Rank - axes + (index % axes)) + 1))];
        return _builder.Node(
            Name("padded"),
            new Pad
            {
                Pads = pads,
                Mode = mode,
                Value = 0.5f,
            },
            value
        );
    }

    private Resize Resized(TensorShape shape, int axis)
    {
        int[] sizes = [.. shape.Dimensions];
        sizes[axis] = _random.Next(1, 2 * sizes[axis] + 1);
        if (Chance(1, 2))
            sizes[^1] = _random.Next(1, sizes[^1] + 3);
        return new Resize
        {
            Sizes = sizes,
            Mode = (ResizeMode)_random.Next(3),
            Coordinates = Chance(1, 2) ? ResizeCoordinates.HalfPixel : ResizeCoordinates.Asymmetric,
        };
    }

    private int[] Shuffled(int rank) => [.. Enumerable.Range(0, rank).OrderBy(_ => _random.Next())];

    private int[] Axes(int rank)
    {
        int[] axes = [.. Enumerable.Range(0, rank).Where(_ => Chance(1, 2))];
        return axes.Length > 0 ? axes : [_random.Next(rank)];
    }

    private int[] AnyFactors(int count)
    {
        var factors = new List<int>();
        for (var axis = _random.Next(1, 6); axis > 1; axis--)
        {
            var factor = Divisor(count, 12);
            factors.Add(factor);
            count /= factor;
        }

        factors.Add(count);
        return [.. factors];
    }
}
