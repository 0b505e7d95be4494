using Subp.Compiler.Emission;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.ByteCopies;

/// <summary>What moves channels of bytes inside of their pixels. Everything else that moves bytes is a copy of dense values.</summary>
internal sealed class ChannelCopyFamily : ByteFamily<ChannelCopyPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        ImageShapes.Is(node.Shape)
        && node.Type.Quantization is not null
        && node.Operator switch
        {
            Concat concat => concat.Axis == 1,
            Slice slice => slice is { Axis: 1, Step: > 0 },
            ChannelShuffle => true,
            Flatten => IsOnePixel(graph.ShapeOf(node.Inputs[0])),
            _ => false,
        };

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (graph, node) = (request.Graph, request.Node);
        var shapes = node.Inputs.Select(graph.ShapeOf).ToArray();
        var result = node.Type.Quantization!;
        return new ChannelCopyPlan(request.Tiles(node.Shape.Batch * (node.Shape.IsImage ? node.Shape.Height : 1)))
        {
            Shapes = shapes,
            Runs = [.. Runs(node, shapes)],
            Tables = [.. node.Inputs.Select(input => Table(graph.TypeOf(input).Quantization!, result))],
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is ChannelCopyPlan copy)
            ChannelCopyWriter.WriteTables(writer, copy);
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, ChannelCopyPlan plan, InstructionSet set) =>
        ChannelCopyWriter.Write(writer, plan, set);

    private static bool IsOnePixel(TensorShape shape) => !shape.IsImage || shape is { Height: 1, Width: 1 };

    private static byte[]? Table(Quantization from, Quantization to) =>
        from == to ? null : [.. Enumerable.Range(0, 256).Select(value => (byte)IntegerLayer.Requantize(value, from, to))];

    private static IEnumerable<ChannelRun> Runs(GraphNode node, TensorShape[] shapes)
    {
        switch (node.Operator)
        {
            case Concat:
                var first = 0;
                for (var operand = 0; operand < shapes.Length; operand++)
                {
                    yield return new ChannelRun(operand, 0, first, shapes[operand].Channels);
                    first += shapes[operand].Channels;
                }

                break;
            case Slice slice:
                yield return new ChannelRun(0, slice.Begin, 0, node.Shape.Channels, slice.Step);
                break;
            case ChannelShuffle shuffle:
                // Channel c of the result is channel c / groups of group c % groups.
                var perGroup = node.Shape.Channels / shuffle.Groups;
                for (var group = 0; group < shuffle.Groups; group++)
                    yield return new ChannelRun(0, group * perGroup, group, perGroup, 1, shuffle.Groups);
                break;
            default:
                yield return new ChannelRun(0, 0, 0, node.Shape.Channels);
                break;
        }
    }
}
