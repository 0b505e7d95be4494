using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Testing;

/// <summary>Networks that begin with a value of any number of dimensions and look at it under others.</summary>
public sealed partial class RandomGraph
{
    private Graph BuildOfRank(int rank)
    {
        var value = _builder.Input(
            "image",
            new TensorShape([.. Enumerable.Range(0, rank).Select(axis => axis == 0 && rank > 1 ? _options.Batch : _random.Next(1, 21))])
        );
        var (image, early) = (value, value);
        if (_options.DrawsGeneralOperators && rank > 0 && Chance(1, 3))
            value = Chance(1, 2) ? Chosen(value, _builder.ShapeOf(value)) : Stepped(value, _builder.ShapeOf(value));
        if (_options.DrawsGeneralOperators && rank > 0 && Chance(1, 4))
            value = WithSecondInput(value, _builder.ShapeOf(value));
        for (var depth = _random.Next(_options.LargestDepth + 1); depth > 0; depth--)
        {
            if (Chance(1, 2))
                early = value;
            value = Any(value);
        }

        _builder.Output(value);
        if (_options.DrawsGeneralOperators && early != image && early != value && Chance(1, 3))
            _builder.Output(early);
        return _builder.Build();
    }

    private string Any(string value)
    {
        if (_options.DrawsGeneralOperators && Chance(1, 2))
            return General(value);
        var shape = _builder.ShapeOf(value);
        switch (_random.Next(10))
        {
            case 0 when shape.Rank >= 2:
                return _builder.BatchNorm(Name("norm"), value);
            case 1:
                return _builder.Node(Name("sum"), new Add(), value, Activated(value));
            case 2:
                return _builder.Node(Name("product"), new Mul(), Activated(value), value);
            case 3 when shape.Rank >= 2 && shape.Channels < 64:
                return Join([value, Activated(value)]);
            case 4 when shape.Rank >= 2:
                var axis = _random.Next(1, shape.Rank);
                var begin = _random.Next(shape[axis]);
                return Slice(value, axis, begin, _random.Next(begin + 1, shape[axis] + 1), _random.Next(1, 3));
            case 5 when shape.Rank >= 2:
                return _builder.Node(Name("flat"), new Flatten(), value);
            case 6 or 7 when shape.IsVector || shape.IsImage:
                return _builder.Node(Name("seen"), new Reshape(Factors(shape)), value);
            case 8 when shape.IsImage:
                return WideWindow(value);
            case 8 or 9 when shape.IsVector && shape.Channels <= 2000:
                var linear = _builder.Linear(Name("linear"), value, _random.Next(1, 40));
                return Chance(1, 3) ? _builder.Node(Name("likely"), new Softmax(), linear) : Activated(linear);
            case 9 when shape.IsImage && shape.Channels <= 64:
                return Convolution(value, sparse: Chance(1, 2));
            default:
                return Activated(value);
        }
    }

    // The elements of a value as an image or a vector; now and then the batch is joined with the rest or taken out of it.
    private int[] Factors(TensorShape shape)
    {
        var batch = Chance(1, 4) ? Divisor(shape.ElementCount, 4) : shape.Batch;
        var rest = shape.ElementCount / batch;
        if (Chance(1, 3))
            return [batch, rest];
        var width = Divisor(rest, 12);
        var height = Divisor(rest / width, 12);
        return [batch, rest / width / height, height, width];
    }

    private int Divisor(int number, int largest)
    {
        int[] divisors = [.. Enumerable.Range(1, largest).Where(divisor => number % divisor == 0)];
        return divisors[_random.Next(divisors.Length)];
    }

    // A pool whose window is larger than the plane, as ceil mode allows: padding at the end makes room for one window.
    private string WideWindow(string value)
    {
        var shape = _builder.ShapeOf(value);
        var kernel = new Extent(shape.Height + _random.Next(3), shape.Width + _random.Next(3));
        var padding = new Padding(0, 0, kernel.Height - shape.Height, kernel.Width - shape.Width);
        var counted = Chance(1, 2);
        return _builder.Node(
            Name("pool"),
            new Pool2d
            {
                Kind = Chance(1, 2) && !counted ? PoolKind.Maximum : PoolKind.Average,
                Window = new Window(kernel, new Extent(_random.Next(1, 4), _random.Next(1, 4)), padding, Extent.One),
                CountIncludesPadding = counted,
                Overhang = counted && Chance(1, 2) ? new Extent(padding.Bottom, padding.Right) : default,
            },
            value
        );
    }
}
