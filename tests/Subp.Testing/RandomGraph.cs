using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;

namespace Subp.Testing;

/// <summary>
/// Draws whole networks for property tests: odd extents, strides, dilations, uneven padding, groups, channel counts that are not multiples
/// of 16, residuals, pools, branches, gates, shuffles, slices, paddings, heads, with and without 1xN patterns, uniform and not. The same
/// seed draws the same network.
/// </summary>
public sealed partial class RandomGraph
{
    private readonly Random _random;
    private readonly RandomGraphOptions _options;
    private readonly GraphBuilder _builder;
    private int _count;

    private RandomGraph(int seed, RandomGraphOptions options)
    {
        _random = new Random(seed);
        _options = options;
        _builder = new GraphBuilder(FormattableString.Invariant($"random-{seed}"));
    }

    /// <summary>Draws a network with one input <c>image</c> and one output, and its weights.</summary>
    public static Model Create(int seed, RandomGraphOptions? options = null) =>
        RandomWeights.For(new RandomGraph(seed, options ?? new RandomGraphOptions()).Build(), seed + 1);

    private Graph Build()
    {
        if (_options.Rank is { } rank)
            return BuildOfRank(rank);
        var value = _builder.Input("image", new TensorShape(_options.Batch, _random.Next(1, 20), DrawExtent(), DrawExtent()));
        for (var depth = _random.Next(1, _options.LargestDepth + 1); depth > 0; depth--)
            value = Stage(value);
        _builder.Output(Chance(3, 4) ? Head(value) : value);
        return _builder.Build();
    }

    private string Stage(string value) =>
        _random.Next(11) switch
        {
            0 => Pool(value),
            1 => Residual(value),
            2 or 3 => Convolution(value, sparse: false),
            4 => Branches(value),
            5 => Excite(value),
            6 => Shape(value),
            7 => Dense(value),
            _ => Convolution(value, sparse: true),
        };

    private string Convolution(string value, bool sparse)
    {
        var shape = _builder.ShapeOf(value);
        var window = DrawWindow(shape, dilated: true);
        if (sparse && _options.BlockLengths.Count > 0)
        {
            var length = _options.BlockLengths[_random.Next(_options.BlockLengths.Count)];
            var pattern = Pattern(length, _random.Next(1, length > 16 ? 3 : 5), shape.Channels);
            return Activated(
                Normalize(_builder.Conv2d(Name("conv"), value, pattern.OutputChannels, window, bias: Chance(1, 2), pattern: pattern))
            );
        }

        var groups = 1;
        if (_options.WithGroups && Chance(1, 3))
            groups = Chance(1, 2)
                ? shape.Channels
                : Enumerable.Range(1, shape.Channels).Last(count => shape.Channels % count == 0 && count <= 4);
        var outputs = groups * _random.Next(1, groups > 4 ? 3 : 25);
        return Activated(Normalize(_builder.Conv2d(Name("conv"), value, outputs, window, groups, bias: Chance(1, 2))));
    }

    private string Residual(string value)
    {
        var channels = _builder.ShapeOf(value).Channels;
        var legal = _options.BlockLengths.Where(length => channels % length == 0).ToArray();
        BlockPattern? Draw()
        {
            if (legal.Length == 0 || Chance(1, 4))
                return null;
            var length = legal[_random.Next(legal.Length)];
            return Pattern(length, channels / length, channels);
        }

        var first = Activated(
            Normalize(_builder.Conv2d(Name("conv"), value, channels, Window.Square(3, padding: 1), bias: true, pattern: Draw()))
        );
        var second = Normalize(
            _builder.Conv2d(Name("conv"), first, channels, Window.Square(3, padding: 1), bias: Chance(1, 2), pattern: Draw())
        );
        return Activated(_builder.Node(Name("sum"), new Add(), Chance(1, 2) ? [second, value] : [value, second]));
    }

    private string Pool(string value)
    {
        var shape = _builder.ShapeOf(value);
        var kernel = new Extent(Math.Min(_random.Next(1, 4), shape.Height), Math.Min(_random.Next(1, 4), shape.Width));
        var stride = new Extent(_random.Next(1, 3), _random.Next(1, 3));
        var padding = new Padding(
            _random.Next(kernel.Height),
            _random.Next(kernel.Width),
            _random.Next(kernel.Height),
            _random.Next(kernel.Width)
        );
        var window = new Window(kernel, stride, padding, Extent.One);
        if (Chance(1, 2))
            return _builder.Node(Name("pool"), new Pool2d { Kind = PoolKind.Maximum, Window = window }, value);
        var counted = Chance(1, 2);
        return _builder.Node(
            Name("pool"),
            new Pool2d
            {
                Kind = PoolKind.Average,
                Window = window,
                CountIncludesPadding = counted,
                Overhang =
                    counted && Chance(1, 2) ? new Extent(_random.Next(padding.Bottom + 1), _random.Next(padding.Right + 1)) : default,
            },
            value
        );
    }

    private string Head(string value)
    {
        var pooled =
            _builder.ShapeOf(value).ElementCount > 2000 || Chance(1, 2)
                ? _builder.Node(Name("mean"), new GlobalAveragePool(), value)
                : value;
        var flat = _builder.Node(Name("flat"), new Flatten(), pooled);
        var features = _builder.ShapeOf(flat).Channels;
        if (_options.BlockLengths.Count > 0 && Chance(1, 2))
        {
            var pattern = Pattern(_options.BlockLengths[_random.Next(_options.BlockLengths.Count)], _random.Next(1, 4), features);
            flat = _builder.Node(Name("hidden"), Activate.Relu, _builder.Linear(Name("linear"), flat, pattern.OutputChannels, pattern));
        }

        var logits = _builder.Linear(Name("linear"), flat, _random.Next(1, 24));
        return Chance(1, 3) ? _builder.Node(Name("likely"), new Softmax(), logits) : logits;
    }

    private string Normalize(string value) => _options.WithBatchNorm && Chance(1, 4) ? _builder.BatchNorm(Name("norm"), value) : value;

    private string Activated(string value) =>
        _random.Next(10) switch
        {
            0 => value,
            1 => _builder.Node(Name("clip"), Activate.Relu6, value),
            2 => _builder.Node(Name("clip"), new Activate { Activation = new Activation(-0.25f, 0.75f) }, value),
            3 => _builder.Node(Name("sigmoid"), Activate.Sigmoid, value),
            4 => _builder.Node(Name("silu"), Activate.Silu, value),
            5 => _builder.Node(Name("swish"), Activate.HardSwish, value),
            6 => _builder.Node(Name("hard"), new Activate(Activation.HardSigmoid(1f / 6)), value),
            _ => _builder.Node(Name("relu"), Activate.Relu, value),
        };

    private BlockPattern Pattern(int length, int groups, int inputs)
    {
        var uniform = Chance(2, 3);
        var kept = Math.Max(1, inputs / _random.Next(1, 5));
        return new BlockPattern(
            length,
            inputs,
            [.. Enumerable.Range(0, groups).Select(_ => Channels(inputs, uniform ? kept : _random.Next(inputs + 1)))]
        );
    }

    private int[] Channels(int inputs, int kept) => [.. Enumerable.Range(0, inputs).OrderBy(_ => _random.Next()).Take(kept).Order()];

    private Window DrawWindow(TensorShape shape, bool dilated)
    {
        int[] kernels = [1, 3, 3, 3, 2, 5];
        var kernel = new Extent(kernels[_random.Next(kernels.Length)], 0);
        kernel = kernel with { Width = Chance(4, 5) ? kernel.Height : kernels[_random.Next(kernels.Length)] };
        var dilation = dilated && Chance(1, 5) ? new Extent(_random.Next(1, 3), _random.Next(1, 3)) : Extent.One;
        var stride = Chance(2, 3) ? Extent.One : new Extent(_random.Next(1, 4), _random.Next(1, 4));
        var (rows, columns) = ((kernel.Height - 1) * dilation.Height, (kernel.Width - 1) * dilation.Width);
        var padding = Chance(3, 4)
            ? new Padding(rows / 2, columns / 2, rows - (rows / 2), columns - (columns / 2))
            : new Padding(_random.Next(3), _random.Next(3), _random.Next(3), _random.Next(3));

        // Where the window would not fit the image, pad as much as it takes.
        var missingRows = Math.Max(0, rows + 1 - shape.Height - padding.Top - padding.Bottom);
        var missingColumns = Math.Max(0, columns + 1 - shape.Width - padding.Left - padding.Right);
        return new Window(
            kernel,
            stride,
            padding with
            {
                Bottom = padding.Bottom + missingRows,
                Right = padding.Right + missingColumns,
            },
            dilation
        );
    }

    private int DrawExtent() => _random.Next(3, _options.LargestExtent + 1);

    private bool Chance(int numerator, int denominator) => _random.Next(denominator) < numerator;

    private string Name(string kind) => FormattableString.Invariant($"{kind}{_count++}");
}
