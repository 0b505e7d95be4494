using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Testing;

/// <summary>Further inputs and outputs, and choices between values.</summary>
public sealed partial class RandomGraph
{
    // An index is a whole number that a rounding would change, so that only the input itself is searched.
    private string Chosen(string value, TensorShape shape)
    {
        var axis = _random.Next(shape.Rank);
        var keeps = Chance(1, 2);
        var index = _builder.Node(
            Name("index"),
            new ArgExtreme
            {
                Axis = axis,
                IsMinimum = Chance(1, 2),
                SelectsLast = Chance(1, 2),
                KeepDimensions = keeps,
            },
            value
        );
        if (!keeps)
        {
            int[] kept = [.. shape.Dimensions];
            kept[axis] = 1;
            index = _builder.Node(Name("seen"), new Reshape(kept), index);
        }

        if (Chance(1, 2))
            return _random.Next(4) switch
            {
                3 => Best(value, shape, axis),
                0 => TakenEach(value, shape, axis, index),
                1 => TakenTogether(value, shape, axis),
                _ => Taken(value, shape, axis, index),
            };
        string[] choices = [value, Function(value)];
        return _builder.Node(Name("where"), new Where(), [index, choices[_random.Next(2)], choices[1]]);
    }

    // The best elements of an axis, sorted, at places that the same search has named.
    private string Best(string value, TensorShape shape, int axis)
    {
        var top = new TopIndices
        {
            Axis = axis,
            Count = _random.Next(1, shape[axis] + 1),
            IsSmallest = Chance(1, 2),
        };
        return _builder.Node(Name("best"), new TakeElements { Axis = axis }, value, _builder.Node(Name("places"), top, value));
    }

    // A few of the indices, in front or behind, choose along the axis that they were found in.
    private string Taken(string value, TensorShape shape, int axis, string index)
    {
        var count = _builder.ShapeOf(index).ElementCount;
        var line = _builder.Node(Name("line"), new Reshape(count), index);
        var few = new Slice
        {
            Axis = 0,
            Begin = 0,
            End = Math.Min(count, _random.Next(1, 4)),
        };
        var taken = _builder.Node(Name("few"), few, line);
        // The negative of an index counts from the end.
        if (Chance(1, 2))
            taken = _builder.Node(Name("behind"), new Activate(Activation.Of(ActivationKind.Neg)), taken);
        return shape.ElementCount < LargestValue ? _builder.Node(Name("taken"), new Take { Axis = axis }, value, taken) : value;
    }

    // An element for each index, or for each of a few of them, or several times.
    private string TakenEach(string value, TensorShape shape, int axis, string index)
    {
        var cut = _random.Next(shape.Rank);
        var few = Slice(index, cut, 0, cut == axis ? 1 : _random.Next(1, shape[cut] + 1), 1);
        if (shape.ElementCount < LargestValue)
        {
            int[] repeats = [.. Enumerable.Range(0, shape.Rank).Select(other => other == axis ? _random.Next(1, 4) : 1)];
            few = _builder.Node(Name("repeated"), new Tile { Repeats = repeats }, few);
        }

        return _builder.Node(Name("each"), new TakeElements { Axis = axis }, value, few);
    }

    // Tuples of one to three indices behind any number of batch dimensions; signs are indices of any axis that is not of extent 1.
    private string TakenTogether(string value, TensorShape shape, int axis)
    {
        var length = Math.Min(_random.Next(1, 4), shape.Rank - axis);
        if (shape.Dimensions.Skip(axis).Take(length).Contains(1))
            return value;
        int[] extents = [.. shape.Dimensions.Take(axis), _random.Next(1, 4), length];
        var (needed, count) = (extents.Aggregate(1, (product, extent) => product * extent), shape.ElementCount);
        if (needed > count)
            return value;
        var line = Slice(_builder.Node(Name("line"), new Reshape(count), value), 0, 0, needed, 1);
        var signs = _builder.Node(Name("signs"), new Activate(Activation.Of(ActivationKind.Sign)), line);
        var tuples = _builder.Node(Name("tuples"), new Reshape(extents), signs);
        return _builder.Node(Name("together"), new TakeTuples { BatchDimensions = axis }, value, tuples);
    }

    // A second input of some of the axes of the first.
    private string WithSecondInput(string value, TensorShape shape)
    {
        int[] other = [.. shape.Dimensions.Skip(_random.Next(shape.Rank)).Select(extent => Chance(1, 3) ? 1 : extent)];
        var second = _builder.Input("second", new TensorShape(other));
        var mask = _builder.Node(Name("mask"), Activate.Relu, second);
        return _random.Next(4) switch
        {
            0 => _builder.Node(Name("sum"), new Add(), second, value),
            1 => _builder.Node(Name("product"), new Mul(), value, second),
            2 => _builder.Node(Name("pair"), new Binary { Kind = BinaryKind.Subtract }, second, value),
            _ => _builder.Node(Name("where"), new Where(), mask, value, second),
        };
    }
}
