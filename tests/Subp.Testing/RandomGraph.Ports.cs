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
            return Taken(value, shape, axis, index);
        string[] choices = [value, Function(value)];
        return _builder.Node(Name("where"), new Where(), [index, choices[_random.Next(2)], choices[1]]);
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
