using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Models;

/// <summary>
/// MobileNetV1 of width 1 (Howard et al., 2017): a 3x3 stem and thirteen pairs of a depthwise 3x3 and a pointwise 1x1 convolution.
/// </summary>
public static class MobileNetV1
{
    private static readonly (int Width, int Stride)[] Pairs =
    [
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        (512, 1),
        (512, 1),
        (512, 1),
        (512, 1),
        (512, 1),
        (1024, 2),
        (1024, 1),
    ];

    /// <summary>Builds the network.</summary>
    public static Graph Build(string name, ModelMetadata metadata, TensorShape image, int classes)
    {
        var builder = NetworkParts.Start(name, metadata, image, out string value);
        value = NetworkParts.Unit(builder, "stem", value, 32, Window.Square(3, 2, 1), relu: true);
        for (int index = 0; index < Pairs.Length; index++)
        {
            var (width, stride) = Pairs[index];
            int channels = builder.ShapeOf(value).Channels;
            string label = FormattableString.Invariant($"pair{index + 1}");
            value = NetworkParts.Unit(
                builder,
                $"{label}.depthwise",
                value,
                channels,
                Window.Square(3, stride, 1),
                relu: true,
                groups: channels
            );
            value = NetworkParts.Unit(builder, $"{label}.pointwise", value, width, Window.Square(1), relu: true);
        }

        return NetworkParts.Classify(builder, value, classes);
    }
}
