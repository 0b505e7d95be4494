using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.ChannelGathers;

/// <summary>Where the channels of a concatenation, slice or shuffle come from.</summary>
internal static class ChannelSources
{
    /// <summary>For each channel of the node the operand and the channel of it.</summary>
    public static IReadOnlyList<ChannelSource> Of(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Concat =>
            [
                .. node.Inputs.SelectMany(
                    (input, index) =>
                        Enumerable.Range(0, graph.ShapeOf(input).Channels).Select(channel => new ChannelSource(index, channel))
                ),
            ],
            Slice slice =>
            [
                .. Enumerable.Range(0, node.Shape.Channels).Select(channel => new ChannelSource(0, slice.Begin + (channel * slice.Step))),
            ],
            ChannelShuffle shuffle =>
            [
                .. Enumerable
                    .Range(0, node.Shape.Channels)
                    .Select(channel => new ChannelSource(
                        0,
                        (channel % shuffle.Groups * (node.Shape.Channels / shuffle.Groups)) + (channel / shuffle.Groups)
                    )),
            ],
            _ => throw new InvalidOperationException($"{node.Operator.Mnemonic} does not collect channels."),
        };
}
