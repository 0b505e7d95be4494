using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Testing;

/// <summary>
/// Operators by which planes grow and shrink, as decoders and super-resolution have them, and the norm of neighbouring channels.
/// </summary>
public sealed partial class RandomGraph
{
    private string Pixels(string value, TensorShape shape)
    {
        switch (_random.Next(6))
        {
            case 0 when shape.IsImage && shape.Channels <= 64:
                return Decoded(value, shape);
            case 1 when shape.IsImage && shape.Channels % 4 == 0:
                return _builder.Node(Name("spread"), new DepthToSpace { Block = 2, ChannelFirst = Chance(1, 2) }, value);
            case 2 when shape.IsImage && shape.Height % 2 == 0 && shape.Width % 2 == 0:
                return _builder.Node(Name("folded"), new SpaceToDepth { Block = 2 }, value);
            case 3 when shape.Rank >= 2:
                return _builder.Node(
                    Name("local"),
                    new LocalResponseNorm
                    {
                        Size = _random.Next(1, 7),
                        Alpha = 0.5f,
                        Beta = Chance(1, 2) ? 0.75f : 0.5f,
                        Bias = Chance(1, 2) ? 1 : 2,
                    },
                    value
                );
            case 4 when shape.IsImage:
                int[] sizes = [shape.Batch, shape.Channels, shape.Height * _random.Next(1, 4), shape.Width * _random.Next(1, 4)];
                return _builder.Node(Name("larger"), new Resize { Sizes = sizes, Coordinates = ResizeCoordinates.Asymmetric }, value);
            default:
                int[] repeats = [.. Enumerable.Range(0, shape.Rank).Select(_ => Chance(1, 3) ? 2 : 1)];
                return _builder.Node(Name("tiled"), new Tile { Repeats = repeats }, value);
        }
    }

    // A result padding must be smaller than the stride or the dilation, as the standard has it.
    private string Decoded(string value, TensorShape shape)
    {
        var kernel = new Extent(_random.Next(1, 5), _random.Next(1, 5));
        var stride = new Extent(_random.Next(1, 4), _random.Next(1, 4));
        var dilation = Chance(1, 4) ? new Extent(_random.Next(1, 3), _random.Next(1, 3)) : Extent.One;
        var padding = new Padding(
            _random.Next(kernel.Height),
            _random.Next(kernel.Width),
            _random.Next(kernel.Height),
            _random.Next(kernel.Width)
        );
        var outputPadding = new Extent(_random.Next(stride.Height), _random.Next(stride.Width));
        static int Rest(int input, int size, int step, int spread, int cut, int more) =>
            ((input - 1) * step) + ((size - 1) * spread) + 1 + more - cut;
        if (
            Rest(shape.Height, kernel.Height, stride.Height, dilation.Height, padding.Top + padding.Bottom, outputPadding.Height) < 1
            || Rest(shape.Width, kernel.Width, stride.Width, dilation.Width, padding.Left + padding.Right, outputPadding.Width) < 1
        )
            padding = default;
        int[] divisors = [.. Enumerable.Range(1, shape.Channels).Where(count => shape.Channels % count == 0)];
        var groups = Chance(2, 3) ? 1 : divisors[_random.Next(divisors.Length)];
        var outputs = _random.Next(1, groups > 4 ? 3 : 20);
        var name = Name("decoded");
        return Activated(
            _builder.Node(
                name,
                new ConvTranspose2d
                {
                    Weight = _builder.Parameter($"{name}.weight", new TensorShape(shape.Channels, outputs, kernel.Height, kernel.Width)),
                    Bias = Chance(1, 2) ? _builder.Parameter($"{name}.bias", new TensorShape(outputs * groups)) : null,
                    Window = new Window(kernel, stride, padding, dilation),
                    OutputPadding = outputPadding,
                    Groups = groups,
                },
                value
            )
        );
    }
}
