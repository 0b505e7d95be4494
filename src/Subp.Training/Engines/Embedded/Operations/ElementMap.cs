using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>Where every channel and every pixel of a copied tensor comes from.</summary>
/// <param name="Channels">For each channel of the target: the number of the source and the channel in it.</param>
/// <param name="Pixels">For each pixel of the target the pixel of the source, the same for all channels.</param>
internal sealed record ElementMap((int Source, int Channel)[] Channels, int[] Pixels)
{
    /// <summary>Channels of all sources, one behind the other.</summary>
    public static ElementMap Concat(IReadOnlyList<BlockedTensor> sources) =>
        new(
            [.. sources.SelectMany((source, index) => Enumerable.Range(0, source.Channels).Select(channel => (index, channel)))],
            [.. Enumerable.Range(0, sources[0].Pixels)]
        );

    /// <summary>Every step-th element of one axis.</summary>
    public static ElementMap Slice(BlockedTensor source, Slice slice, TensorShape target)
    {
        int Along(int axis, int index) => slice.Axis == axis ? slice.Begin + (index * slice.Step) : index;

        int width = target.IsImage ? target.Width : 1;
        int pixels = target.IsImage ? target.Height * width : 1;
        return new ElementMap(
            [.. Enumerable.Range(0, target.Channels).Select(channel => (0, Along(1, channel)))],
            [.. Enumerable.Range(0, pixels).Select(pixel => (Along(2, pixel / width) * source.Width) + Along(3, pixel % width))]
        );
    }
}
