using Subp.Core.Operators;

namespace Subp.Testing;

/// <summary>The building blocks of published networks besides plain and residual convolutions.</summary>
public sealed partial class RandomGraph
{
    /// <summary>Branches of any number of channels side by side, as in GoogLeNet, or halves that are shuffled, as in ShuffleNet.</summary>
    private string Branches(string value)
    {
        var channels = _builder.ShapeOf(value).Channels;
        if (channels % 2 == 0 && Chance(1, 2))
        {
            var half = channels / 2;
            var left = Slice(value, 1, 0, half, 1);
            var right = Activated(
                _builder.Conv2d(Name("conv"), Slice(value, 1, half, channels, 1), half, Window.Square(3, padding: 1), bias: true)
            );
            return _builder.Node(Name("shuffle"), new ChannelShuffle { Groups = Chance(1, 2) ? 2 : half }, Join([left, right]));
        }

        var aligned = Chance(1, 2);
        var branches = Enumerable
            .Range(0, _random.Next(1, 4))
            .Select(_ =>
                Activated(
                    _builder.Conv2d(
                        Name("conv"),
                        value,
                        aligned ? 16 * _random.Next(1, 3) : _random.Next(1, 21),
                        Window.Square(1),
                        bias: true
                    )
                )
            )
            .ToList();
        if (branches.Count == 1 || Chance(1, 3))
            branches.Insert(_random.Next(branches.Count + 1), value);
        if (Chance(1, 6))
            branches.Add(branches[0]);
        return Join(branches);
    }

    /// <summary>
    /// Each layer reads all before it, as in DenseNet, where normalisation and activation stand in front of the convolution.
    /// </summary>
    private string Dense(string value)
    {
        var parts = new List<string> { value };
        var growth = Chance(1, 2) ? 16 : _random.Next(3, 17);
        var window = Chance(1, 2) ? Window.Square(1) : Window.Square(3, padding: 1);
        for (var layer = _random.Next(1, 4); layer > 0; layer--)
        {
            var all = parts.Count == 1 ? value : Join(parts);
            parts.Add(_builder.Conv2d(Name("conv"), Activated(_builder.BatchNorm(Name("norm"), all)), growth, window));
        }

        return Join(parts);
    }

    /// <summary>A gate computed from the mean of each channel scales the channels.</summary>
    private string Excite(string value)
    {
        var channels = _builder.ShapeOf(value).Channels;
        var mean = _builder.Node(Name("mean"), new GlobalAveragePool(), value);
        var squeezed = Activated(_builder.Conv2d(Name("conv"), mean, Math.Max(1, channels / 4), Window.Square(1), bias: true));
        var gate = _builder.Conv2d(Name("conv"), squeezed, channels, Window.Square(1), bias: true);
        gate = _builder.Node(Name("gate"), Chance(1, 2) ? Activate.Sigmoid : new Activate(Activation.HardSigmoid()), gate);
        var scaled = _builder.Node(Name("scale"), new Mul(), value, gate);
        return Activated(Chance(1, 4) ? _builder.Node(Name("product"), new Mul(), scaled, Activated(value)) : scaled);
    }

    /// <summary>Slices along any axis, and paddings in front of what may take them along.</summary>
    private string Shape(string value)
    {
        var shape = _builder.ShapeOf(value);
        var axis = _random.Next(1, 4);
        if (shape[axis] > 2 && Chance(1, 2))
        {
            var begin = _random.Next(shape[axis] / 2);
            return Slice(value, axis, begin, _random.Next(begin + 1, shape[axis] + 1), _random.Next(1, 3));
        }

        var padded = _builder.Node(
            Name("pad"),
            new Pad
            {
                Padding = new Padding(_random.Next(3), _random.Next(3), _random.Next(3), _random.Next(3)),
                Value = Chance(2, 3) ? 0 : 0.5f,
            },
            value
        );
        return Chance(1, 2) ? Pool(padded) : Convolution(padded, sparse: Chance(1, 2));
    }

    private string Join(IReadOnlyList<string> values) => _builder.Node(Name("join"), new Concat(), [.. values]);

    private string Slice(string value, int axis, int begin, int end, int step) =>
        _builder.Node(
            Name("slice"),
            new Slice
            {
                Axis = axis,
                Begin = begin,
                End = end,
                Step = step,
            },
            value
        );
}
